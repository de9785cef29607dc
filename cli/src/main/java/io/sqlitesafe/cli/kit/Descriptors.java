package io.sqlitesafe.cli.kit;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How many files this process may have open (ulimit -n). With too few of them anything may fail:
 * the loading of a class, or the release of a lock. So a few are tried out before anything is
 * begun. Stateless.
 */
public final class Descriptors {
  /** What no command ends up short of. */
  public static final long ENOUGH = 64;

  /** What a person can do about it. */
  public static final String HINT = "raise the limit: ulimit -n " + ENOUGH;

  /** What the commands need besides what the runtime opens. */
  private static final int NEEDED = 20;

  private static final String NONE_LEFT = "Too many open files";

  private Descriptors() {}

  /** The error of a process that may open too few; null where there are enough. */
  public static @Nullable SqliteSafeException shortage() {
    FileInputStream[] open = new FileInputStream[NEEDED + jars()];
    boolean enough = true;
    try {
      for (int i = 0; i < open.length; i++) {
        open[i] = new FileInputStream("/dev/null");
      }
    } catch (IOException e) {
      enough = !isShortage(e); // where there is no such file there is no such limit either
    }
    for (FileInputStream each : open) {
      close(each);
    }
    return enough ? null : tooFew();
  }

  /** Each is opened when the first class of it is needed; the bundled runtime has none. */
  private static int jars() {
    String path = System.getProperty("java.class.path", "");
    int jars = path.isEmpty() ? 0 : 1;
    for (int i = 0; i < path.length(); i++) {
      jars += path.charAt(i) == File.pathSeparatorChar ? 1 : 0;
    }
    return jars;
  }

  private static void close(@Nullable FileInputStream file) {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException closedAnyway) {
      // nothing was read
    }
  }

  private static SqliteSafeException tooFew() {
    return new SqliteSafeException(
        ErrorKind.FAILED, text(limit()) + ", which is too few", "nothing was done; " + HINT);
  }

  /** What a limit means. */
  public static String text(long limit) {
    return "this process may have no more than " + limit + " files open";
  }

  /** That error, and the limit where it came of that: in the middle, more may be needed. */
  public static SqliteSafeException explained(SqliteSafeException e) {
    if (!isShortage(e)) {
      return e;
    }
    String hint = e.hint() == null ? HINT : e.hint() + "; " + HINT;
    SqliteSafeException explained =
        new SqliteSafeException(
            e.kind(), e.getMessage() + ": " + text(limit()), hint, e.getCause());
    e.details().forEach(explained::with);
    return explained;
  }

  private static boolean isShortage(Exception e) {
    return String.valueOf(e.getMessage()).contains(NONE_LEFT);
  }

  /** By Linux's word; 0 where nothing is known. */
  public static long limit() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith("Max open files")) {
          return Long.parseLong(line.substring(14).strip().split(" ", 2)[0]);
        }
      }
    } catch (IOException | NumberFormatException unlimited) {
      // then it is not that
    }
    return 0;
  }
}
