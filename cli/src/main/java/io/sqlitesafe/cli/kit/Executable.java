package io.sqlitesafe.cli.kit;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * This program as a native executable, which has no launcher: what the launcher tells a JVM, the
 * executable finds out for itself. In a JVM nothing runs but {@link #isThis}, which is a look at
 * one property.
 */
public final class Executable {
  private static final String DRIVERS_LIBRARY = "libsqlitejdbc.so";

  private Executable() {}

  /** Whether this process runs without a JVM. */
  public static boolean isThis() {
    return System.getProperty("org.graalvm.nativeimage.imagecode") != null;
  }

  /** The file that runs, as the kernel knows it. */
  public static Path path() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/exe"));
  }

  /** Sets what the launcher sets. To be called before anything else. */
  public static void prepare() {
    System.setProperty("sqlitesafe.terminals", terminals());
    try {
      findLibraries(path());
    } catch (IOException notFound) {
      // The driver then unpacks its library at each start, and there is no zstd.
    }
    // As a JVM does: otherwise a limit on the size of files kills, where a write would fail and be
    // reported.
    Signal.handle(new Signal("XFSZ"), SignalHandler.SIG_IGN);
  }

  /** They lie in {@code native} beside the executable, or where the image for a JVM has them. */
  private static void findLibraries(Path executable) throws IOException {
    Path folder = executable.resolveSibling("native");
    if (!Files.exists(folder.resolve(DRIVERS_LIBRARY))) {
      folder = executable.resolveSibling("../lib/native").normalize();
      if (!Files.exists(folder.resolve(DRIVERS_LIBRARY))) {
        return;
      }
    }
    System.setProperty("org.sqlite.lib.path", folder.toString());
    System.setProperty("org.sqlite.tmpdir", folder.toString());
    System.setProperty("library.jline.path", folder.toString());
    try (DirectoryStream<Path> zstd = Files.newDirectoryStream(folder, "libzstd-jni-*")) {
      for (Path library : zstd) {
        System.setProperty("ZstdNativePath", library.toString());
      }
    }
  }

  private static String terminals() {
    StringBuilder found = new StringBuilder();
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
      try {
        String file = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
        if (file.startsWith("/dev/pts/")
            || file.startsWith("/dev/tty")
            || file.equals("/dev/console")) {
          found.append(descriptor);
        }
      } catch (IOException closed) {
        // no terminal
      }
    }
    return found.toString();
  }
}
