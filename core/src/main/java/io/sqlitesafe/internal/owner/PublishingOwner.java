package io.sqlitesafe.internal.owner;

import io.sqlitesafe.changeset.PendingOutcome;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.WriteTransaction;
import io.sqlitesafe.internal.file.PageCopy;
import io.sqlitesafe.internal.file.Room;
import io.sqlitesafe.internal.fs.FileLikeness;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.fs.OtherNames;
import io.sqlitesafe.internal.fs.PendingFile;
import io.sqlitesafe.internal.lock.ClaimContent;
import io.sqlitesafe.internal.lock.DatabaseLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The publish commit (protocol section 10.3): the transaction runs on a private copy of the
 * database, which then replaces the database in one step that a broken lock makes impossible. The
 * database itself is never written to, so whoever opens it at any moment finds it whole.
 *
 * <p>It becomes another file by that. So it must have one name only, and the new file gets owner,
 * permissions and attributes of the old.
 */
final class PublishingOwner extends Owner implements ClaimContent {
  private static final int HEADER = 100;

  private final DatabaseLock own;
  private final Path original;
  private final Path image;
  private @Nullable FileLikeness likeness;
  private @Nullable ByteBuffer before;

  PublishingOwner(Site site, DatabaseLock lock) {
    super(site, lock);
    this.own = lock;
    this.original = site.file();
    this.image = site.paths().image(lock.token());
  }

  /** P1. */
  @Override
  Drained drain(Opening opening, Duration busy) {
    NetworkDrain drain = new NetworkDrain(site, lock);
    boolean recovered = drain.recover();
    PendingOutcome pending = drain.resolvePending();
    try {
      return new Drained(openImage(opening.first() + site.loading()), recovered, pending);
    } catch (RuntimeException e) {
      shut();
      throw e;
    } catch (IOException e) {
      shut();
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "cannot copy " + original + " to work on it: " + IoErrors.reason(e),
          "nothing was changed; look at the permissions of the directory and at its free space",
          e);
    }
  }

  private Database openImage(String first) throws IOException {
    before = null;
    likeness = Files.exists(original) ? FileLikeness.of(original) : null;
    if (likeness != null) {
      requireOneName(OtherNames.links(original));
      // The copy, and what the claim is filled with.
      Room.require(original, original, 2 * Files.size(original));
    }
    try (FileChannel to = PendingFile.openNew(image)) {
      if (likeness != null) {
        dressEarly(likeness, to);
        try (FileChannel from = FileChannel.open(original, StandardOpenOption.READ)) {
          PageCopy.all(from, to, site.cancellation());
          before = header(from);
        }
      }
    }
    return Database.openImage(image, original, site.cancellation(), first);
  }

  private void requireOneName(int names) {
    if (names > 1) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          original
              + " has "
              + names
              + " names (hard links), and a commit that replaces the file would leave the others"
              + " behind with the old content",
          "leave it one name, or write --in-place; nothing was changed");
    }
  }

  /** On the copy, so that it is known before any work is done whether it can be. */
  private void dressEarly(FileLikeness of, FileChannel open) {
    try {
      of.applyExactly(open, image);
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          "a new file in place of "
              + original
              + " cannot have its owner, permissions and attributes: "
              + IoErrors.reason(e),
          "run it as the owner of the file, or write --in-place; nothing was changed",
          e);
    }
  }

  private static ByteBuffer header(FileChannel file) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    while (header.hasRemaining() && file.read(header, header.position()) > 0) {
      // reads on
    }
    return header.flip();
  }

  @Override
  @Nullable String commit(WriteTransaction transaction) {
    transaction.commitUnsynced(lock::ensureHeld);
    Database worked = database();
    forget();
    worked.close();
    String warning = isChanged() ? own.publish(this) : null;
    shut();
    return warning;
  }

  /**
   * Every commit that changes anything raises the change counter in the header
   * (sqlite.org/fileformat2.html, section 1.3.7).
   */
  private boolean isChanged() {
    if (before == null) {
      return true;
    }
    try (FileChannel now = FileChannel.open(image, StandardOpenOption.READ)) {
      return !before.equals(header(now));
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "cannot read " + image + ": " + e.getMessage(),
          "nothing was changed",
          e);
    }
  }

  @Override
  public void writeTo(FileChannel claim) throws IOException {
    try (FileChannel from = FileChannel.open(image, StandardOpenOption.READ)) {
      PageCopy.all(from, claim, site.cancellation());
    }
  }

  @Override
  public void dress(FileChannel claim, Path name) throws IOException {
    if (likeness != null) {
      likeness.applyExactly(claim, name);
    }
  }

  @Override
  public boolean isContentOf(Path file) throws IOException {
    return Files.mismatch(image, file) < 0;
  }

  /** Takes the copy away, too. */
  @Override
  public void shut() {
    try {
      super.shut();
    } finally {
      remove(image);
      remove(image.resolveSibling(image.getFileName() + "-journal"));
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException swept) {
      // A later writer sweeps it.
    }
  }
}
