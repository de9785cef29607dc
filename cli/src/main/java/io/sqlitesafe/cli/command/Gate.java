package io.sqlitesafe.cli.command;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a program that was started from running until it is let: it is started as a shell that
 * reads a line of a pipe of this process and then becomes the program ({@code exec}: the same
 * process, standard streams, arguments and environment). Where this process dies first, the shell
 * ends without having run anything.
 *
 * <p>Where util-linux's {@code setpriv} is there, the kernel kills the program when this process
 * dies. That request is tied to the thread that starts the program, which must therefore wait for
 * its end; and it is lost where this process had died already, which the reading of the pipe finds
 * out. It does not reach what the program itself starts, and a program with another user's rights
 * (sudo) does not have it.
 *
 * <p>Linux only: the shell opens the pipe by way of {@code /proc}, because only the three standard
 * streams are handed on by {@link ProcessBuilder}.
 */
final class Gate implements AutoCloseable {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path SHELL = Path.of("/bin/sh");
  private static final String DEATH_SIGNAL = "--pdeathsig";

  /** A variable of our own, because the program inherits those that are exported. */
  private static final String WAIT =
      "read -r SQLITE_SAFE_GATE <\"$1\" || exit 125; shift; exec \"$@\"";

  private final Pipe pipe;
  private final String path;

  private Gate(Pipe pipe, String path) {
    this.pipe = pipe;
    this.path = path;
  }

  /** Closed; null where there are none, or {@code command} cannot be run anyway. */
  static @Nullable Gate before(List<String> command, Map<String, String> environment) {
    long pid = ProcessHandle.current().pid();
    String program = command.get(0);
    if (program.startsWith("-")
        || find(program, environment) == null
        || !Files.isExecutable(SHELL)
        || !isOwnProc(pid)
        || !isOpenToChildren()) {
      return null;
    }
    try {
      Set<String> before = pipes();
      Pipe pipe = Pipe.open();
      Set<String> made = pipes();
      made.removeAll(before);
      if (!made.isEmpty()) {
        return new Gate(pipe, "/proc/" + pid + "/fd/" + made.iterator().next());
      }
      close(pipe);
    } catch (IOException unseen) {
      // Then the program runs at once.
    }
    return null;
  }

  /** In another process name space than that of /proc, the same number is another process. */
  private static boolean isOwnProc(long pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self")).toString().equals(Long.toString(pid));
    } catch (IOException notLinux) {
      return false;
    }
  }

  /** Of a process with capabilities of its file, say, the kernel gives these names to root. */
  private static boolean isOpenToChildren() {
    try {
      String status = Files.readString(STATUS, StandardCharsets.ISO_8859_1);
      int line = status.indexOf("\nUid:");
      String[] ids = status.substring(line + 1, status.indexOf('\n', line + 1)).split("\t");
      return line >= 0 && ids[2].equals(Files.getAttribute(DESCRIPTORS, "unix:uid").toString());
    } catch (IOException | RuntimeException unseen) {
      return false;
    }
  }

  private static Set<String> pipes() throws IOException {
    Set<String> found = new TreeSet<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path each : open) {
        if (isPipe(each)) {
          found.add(String.valueOf(each.getFileName()));
        }
      }
    }
    return found;
  }

  private static boolean isPipe(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("pipe:");
    } catch (IOException closed) {
      return false;
    }
  }

  /** What to start in place of {@code command}. */
  List<String> inFrontOf(List<String> command, Map<String, String> environment) {
    List<String> words = new ArrayList<>();
    Path setpriv = find("setpriv", environment);
    if (setpriv != null && hasDeathSignal(setpriv)) {
      words.addAll(List.of(setpriv.toString(), DEATH_SIGNAL, "KILL", "--"));
    }
    words.addAll(List.of(SHELL.toString(), "-c", WAIT, "sh", path));
    words.addAll(command);
    return words;
  }

  /** Busybox has a program of the same name without it; asking a program takes longer. */
  private static boolean hasDeathSignal(Path setpriv) {
    try {
      return Files.size(setpriv) < 1 << 19
          && Files.readString(setpriv, StandardCharsets.ISO_8859_1)
              .contains(DEATH_SIGNAL.substring(2));
    } catch (IOException unreadable) {
      return false;
    }
  }

  /** Where {@code execvp} would find it; null where it would not. */
  private static @Nullable Path find(String program, Map<String, String> environment) {
    try {
      if (program.indexOf('/') >= 0) {
        return runnable(Path.of(program));
      }
      String path = environment.getOrDefault("PATH", "/usr/bin:/bin");
      for (String directory : path.split(File.pathSeparator, -1)) {
        Path found = program.isEmpty() ? null : runnable(Path.of(directory, program));
        if (found != null) {
          return found;
        }
      }
    } catch (InvalidPathException noName) {
      // It is not found.
    }
    return null;
  }

  private static @Nullable Path runnable(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file) ? file : null;
  }

  /** Lets the program run. The gate must stay open, not closed, until it has ended. */
  void let() throws IOException {
    pipe.sink().write(ByteBuffer.wrap(new byte[] {'\n'}));
  }

  @Override
  public void close() {
    close(pipe);
  }

  private static void close(Pipe pipe) {
    try {
      pipe.sink().close();
      pipe.source().close();
    } catch (IOException noMatter) {
      // nothing is in it
    }
  }
}
