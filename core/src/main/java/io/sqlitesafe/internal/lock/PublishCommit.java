package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.Durable;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.lock.LockToken;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** The publish commit of protocol section 10.3, P2 to P4, once. For one thread. */
final class PublishCommit {
  private final LockDirectory directory;
  private final LockPaths paths;
  private final LockToken token;
  private final boolean network;
  private final Clock clock;
  private final @Nullable BasicFileAttributes before;
  private @Nullable ClaimContent content;
  private @Nullable BasicFileAttributes filled;
  private @Nullable IOException reply;
  private @Nullable OpenedLock opened;

  /** To be made while the lock is known to be held. */
  PublishCommit(LockDirectory directory, LockToken token, boolean network, Clock clock) {
    this.directory = directory;
    this.paths = directory.paths();
    this.token = token;
    this.network = network;
    this.clock = clock;
    this.before = attributes(paths.database());
  }

  /** How the rename ended. */
  enum Outcome {
    COMMITTED,
    BROKEN,
    UNKNOWN
  }

  /**
   * P2. False where the claim is gone: the lock was broken.
   *
   * @throws SqliteSafeException {@link ErrorKind#FAILED} where it could not be written; nothing is
   *     changed, and the lock is still held
   */
  boolean fill(ClaimContent value) {
    directory.listener().before(Step.FILL_CLAIM);
    content = value;
    Path claim = paths.claim(token);
    try {
      // O4: never with a create flag.
      try (FileChannel channel =
          PlainFiles.openToWrite(claim, StandardOpenOption.TRUNCATE_EXISTING)) {
        value.dress(
            channel, claim); // first, so that nobody can read more of it than of the database
        value.writeTo(channel);
        channel.force(true);
      }
      filled = Files.readAttributes(claim, BasicFileAttributes.class);
      return true;
    } catch (IOException e) {
      if (!isThere()) {
        return false;
      }
      throw LockManager.failed("cannot write the new state of " + paths.database(), e);
    }
  }

  /** P3. */
  Outcome rename() {
    for (int attempt = 1; ; attempt++) {
      directory.listener().before(Step.PUBLISH_DATABASE);
      try {
        mark();
        Files.move(paths.claim(token), paths.database(), StandardCopyOption.ATOMIC_MOVE);
        return Outcome.COMMITTED;
      } catch (IOException e) {
        reply = e;
      }
      if (!isThere()) {
        Outcome outcome = outcome();
        if (outcome != Outcome.COMMITTED) {
          closeDirectory();
        }
        return outcome;
      }
      if (attempt == Answer.MOST) {
        closeDirectory();
        throw LockManager.failed("cannot replace " + paths.database(), reply);
      }
      clock.sleep(Answer.PAUSE, new Cancellation());
    }
  }

  /** The directory stays open: what is in it besides the claim is known, and goes by settling. */
  private void mark() throws IOException {
    if (opened == null) {
      opened = directory.openMarked(token);
    }
  }

  private void closeDirectory() {
    if (opened != null) {
      opened.close();
      opened = null;
    }
  }

  /**
   * O1: the rename may have happened although its reply says no (it was lost, and the request
   * repeated). The claim is gone, by that rename or by a break; the database itself tells which.
   * The number of a file alone proves nothing: that of a broken claim may have been given to its
   * successor's. Where somebody else's commit is there already, a network file system leaves it
   * open whether it came after ours or after a break; a local one does not lose replies.
   */
  private Outcome outcome() {
    try {
      directory.barrier();
      if (content != null && content.isContentOf(paths.database())) {
        return isSame(filled) ? Outcome.COMMITTED : Outcome.UNKNOWN;
      }
      return !network || isSame(before) ? Outcome.BROKEN : Outcome.UNKNOWN;
    } catch (IOException unknown) {
      return Outcome.UNKNOWN;
    }
  }

  /** Whether the database is the file that {@code then} is of. */
  private boolean isSame(@Nullable BasicFileAttributes then) {
    BasicFileAttributes now = attributes(paths.database());
    if (now == null || then == null) {
      return now == then;
    }
    return now.fileKey() != null
        && now.fileKey().equals(then.fileKey())
        && now.lastModifiedTime().equals(then.lastModifiedTime());
  }

  private static @Nullable BasicFileAttributes attributes(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class);
    } catch (IOException missing) {
      return null;
    }
  }

  private boolean isThere() {
    try {
      return Answer.to(() -> directory.check(token), clock);
    } catch (IOException unknown) {
      throw LockManager.failed("cannot verify the lock of " + paths.database(), unknown);
    }
  }

  SqliteSafeException uncertain() {
    return new SqliteSafeException(
            ErrorKind.UNCERTAIN,
            "it cannot be known whether the new state of "
                + paths.database()
                + " was put in place"
                + (reply == null ? "" : ": " + IoErrors.reason(reply)),
            "the database is whole, with this change or without it: look whether the change is there"
                + " before you run it again",
            reply)
        .with("token", token.hex());
  }

  /**
   * P4, but for the work image, which is its maker's. Null where all went well.
   *
   * @param beaten whether there is a heartbeat
   */
  @Nullable String settle(boolean beaten) {
    directory.listener().before(Step.SYNC_DIRECTORY);
    String warning = null;
    try {
      Durable.syncDirectory(paths.directory());
    } catch (IOException e) {
      warning =
          "committed to "
              + paths.database()
              + ", but cannot sync "
              + paths.directory()
              + " ("
              + e.getMessage()
              + "): a power cut now could still undo it";
    }
    try {
      if (opened == null || !directory.cleanKnown(opened, beaten)) {
        directory.clean();
      }
    } catch (IOException othersDo) {
      // Anybody cleans a directory without a claim.
    } finally {
      closeDirectory();
    }
    return warning;
  }
}
