package io.sqlitesafe.internal.file;

import io.sqlitesafe.internal.lock.ProcessTable;
import io.sqlitesafe.internal.manifest.Sha256;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.ProcessIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names of files on their way to being published, and of scratch directories. A name tells whose it
 * is (host, boot, name spaces, process), so that a later run can remove what a killed one left
 * behind without touching the work of one that runs; and nobody can guess it, so that nobody can
 * put a file there first.
 */
final class TemporaryName {
  static final String PREFIX = ".sqlite-safe-tmp.";

  /** What cannot be judged (another host's, or another container's) is left alone for that long. */
  static final Duration LEAVE_ALONE = Duration.ofHours(24);

  private static final Pattern SHAPE =
      Pattern.compile(
          "([0-9a-f]{8})\\.([0-9a-f]{8})\\.([0-9a-f]{8})\\.([0-9]{1,10})"
              + "\\.([0-9a-z]{1,20})\\.[0-9a-f]{16}.*");

  private final ProcessTable processes;
  private final String prefix;

  TemporaryName(ProcessTable processes) {
    this(processes, PREFIX);
  }

  /**
   * Names of another kind.
   *
   * @param prefix what they begin with, and nobody else's do
   */
  TemporaryName(ProcessTable processes, String prefix) {
    this.processes = processes;
    this.prefix = prefix;
  }

  /** How what lies under such a name is removed. */
  interface Removal {
    void remove(Path entry) throws IOException;
  }

  /** A new name of this process. */
  String next() {
    byte[] random = new byte[8];
    new SecureRandom().nextBytes(random);
    ProcessIdentity self = processes.self();
    String start = self.startTime();
    return prefix
        + String.join(
            ".",
            host(self),
            brief(self.bootId()),
            spaces(self),
            Long.toString(self.pid()),
            start == null || !start.matches("[0-9a-z]{1,20}") ? "x" : start,
            HexFormat.of().formatHex(random));
  }

  /**
   * Removes what dead runs left in {@code directory}. That something cannot be removed is no reason
   * to fail: it is in nobody's way.
   *
   * @param now the file system's time, as the time of a new file shows it
   */
  void sweep(Path directory, long now, Removal removal) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, prefix + "*")) {
      for (Path entry : entries) {
        if (isLeftover(entry, now)) {
          removal.remove(entry);
        }
      }
    } catch (IOException | DirectoryIteratorException noMatter) {
      // the next run tries again
    }
  }

  /** Whether a dead run left it. */
  boolean isLeftover(Path entry, long now) throws IOException {
    String text = String.valueOf(entry.getFileName());
    Matcher name = SHAPE.matcher(text.substring(Math.min(prefix.length(), text.length())));
    if (!name.matches()) {
      return false;
    }
    return switch (life(name)) {
      case DEAD, REBOOTED -> true;
      case ALIVE, WORKING -> false;
      case UNKNOWN -> now - Files.getLastModifiedTime(entry).toMillis() > LEAVE_ALONE.toMillis();
    };
  }

  /** The same judgement as of a lock's owner, from what the name holds. */
  private Life life(Matcher name) {
    ProcessIdentity self = processes.self();
    if (self.bootId() == null || !name.group(1).equals(host(self))) {
      return Life.UNKNOWN;
    }
    if (!name.group(2).equals(brief(self.bootId()))) {
      return Life.REBOOTED;
    }
    if (!name.group(3).equals(spaces(self))) {
      return Life.UNKNOWN;
    }
    String start = name.group(5).equals("x") ? null : name.group(5);
    return processes.lifeOf(self.sibling(Long.parseLong(name.group(4)), start));
  }

  /** Those that pids and start times count in. */
  private static String spaces(ProcessIdentity self) {
    return brief(self.pidNamespace() + " " + self.timeNamespace());
  }

  private static String host(ProcessIdentity self) {
    return brief(self.machineId() + " " + self.hostname());
  }

  private static String brief(@Nullable String text) {
    byte[] digest = Sha256.digest().digest(String.valueOf(text).getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, 4);
  }
}
