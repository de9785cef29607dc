package io.sqlitesafe.internal.lock;

import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.mount.Mount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What stands in {@code /proc} of others, and whether it can be believed. No state: mounts come and
 * go.
 *
 * @param root {@code /proc}
 * @param link {@code /proc/self}
 * @param self the pid of this process, in its own name space
 */
record ProcFiles(Path root, Path link, long self) {
  private static final String NAMESPACES = "NSpid:";

  Path of(long pid) {
    return root.resolve(Long.toString(pid));
  }

  String readStat(long pid) throws IOException {
    return Files.readString(of(pid).resolve("stat"), StandardCharsets.ISO_8859_1);
  }

  /**
   * Whether a process goes on that was started, by whatever other processes, under the lock of
   * {@code token}: its environment tells. What kills an owner and its worker often leaves the
   * worker's children. Those of other users cannot be looked at.
   */
  boolean hasHeirs(LockToken token) {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(root, "[0-9]*")) {
      for (Path each : processes) {
        if (!String.valueOf(each.getFileName()).equals(Long.toString(self))
            && environment(each).contains(token.hex())) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException notThere) {
      // nothing is seen
    }
    return false;
  }

  private static String environment(Path process) {
    try {
      return Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
    } catch (IOException notOurs) {
      return "";
    }
  }

  /** Null where it cannot be read. */
  @Nullable String stat(long pid) {
    try {
      return readStat(pid);
    } catch (IOException gone) {
      return null;
    }
  }

  /**
   * Whether its pids count as this process's do. {@code /proc/self} leads to this process in any
   * case, by the pid that the name space of that {@code /proc} has for it: it must be the own one.
   * The two may be equal by chance, which the line of all name spaces in between shows.
   */
  boolean isOwn() {
    try {
      if (!Files.readSymbolicLink(link).toString().equals(Long.toString(self))) {
        return false;
      }
    } catch (IOException | UnsupportedOperationException notThere) {
      return false;
    }
    String status = status();
    int line = status.indexOf("\n" + NAMESPACES);
    if (line < 0) {
      return true; // before Linux 4.1
    }
    int from = line + 1 + NAMESPACES.length();
    int end = status.indexOf('\n', from);
    return status
        .substring(from, end < 0 ? status.length() : end)
        .strip()
        .equals(Long.toString(self));
  }

  private String status() {
    try {
      return Files.readString(link.resolve("status"), StandardCharsets.ISO_8859_1);
    } catch (IOException none) {
      return "";
    }
  }

  /**
   * Whether a process that cannot be seen is not there. With {@code hidepid} those of other users
   * seem absent; then pid 1 must be seen, and be another user's, as a sign that this process may
   * see them all.
   */
  boolean showsOthers() {
    if (!Files.exists(of(1).resolve("stat"))) {
      return false;
    }
    return !isHiding() || !owner(of(1)).equals(owner(of(self)));
  }

  private boolean isHiding() {
    for (String option : Mount.of(root).options().split(",")) {
      if (option.startsWith("hidepid=")
          && !option.equals("hidepid=0")
          && !option.equals("hidepid=off")) {
        return true;
      }
    }
    return false;
  }

  private static Object owner(Path process) {
    try {
      return Files.getAttribute(process, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
      return "unknown";
    }
  }

  /**
   * A killed process stays as a zombie until its parent reaps it, which in a container may be
   * never.
   */
  static boolean isZombie(String stat) {
    String state = field(stat, 3);
    return "Z".equals(state) || "X".equals(state);
  }

  static @Nullable String startTime(String stat) {
    return field(stat, 22);
  }

  /**
   * Field numbers as in proc(5). The command name may hold anything, blanks, parentheses and line
   * ends included, so count from its end. Null where there is no such field.
   */
  private static @Nullable String field(String stat, int number) {
    int name = stat.lastIndexOf(") ");
    if (name < 0) {
      return null;
    }
    String[] rest = stat.substring(name + 2).split(" ", -1);
    int index = number - 3;
    return index < rest.length && !rest[index].isBlank() ? rest[index].strip() : null;
  }
}
