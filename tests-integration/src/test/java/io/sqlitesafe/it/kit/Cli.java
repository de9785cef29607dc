package io.sqlitesafe.it.kit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** The program under test. */
public final class Cli {
  /** Volumes that take minutes. */
  public static final boolean LONG = Boolean.getBoolean("sqlitesafe.long");

  private static final Path LAUNCHER =
      Path.of(System.getProperty("sqlitesafe.launcher", "sqlite-safe"))
          .toAbsolutePath()
          .normalize();

  private Cli() {}

  public static Path launcher() {
    if (!Files.isExecutable(LAUNCHER)) {
      throw new AssertionError("no launcher at " + LAUNCHER + ": build packaging first");
    }
    return LAUNCHER;
  }

  /** As {@link #launcher}, whether it is there or not. */
  public static String launcherName() {
    return LAUNCHER.toString();
  }

  /** The folder of this module. */
  public static Path module() {
    return Path.of(Objects.requireNonNull(System.getProperty("sqlitesafe.module")));
  }

  public static Program command(Object... words) {
    Object[] all = new Object[words.length + 1];
    all[0] = launcher();
    System.arraycopy(words, 0, all, 1, words.length);
    return Program.of(all);
  }

  public static Result run(Object... words) {
    return command(words).run();
  }

  public static Running start(Object... words) {
    return command(words).start();
  }

  /** A process that holds the lock until it is told a line; {@code options} are with-lock's. */
  public static Running hold(Path database, String... options) {
    Object[] words = new Object[options.length + 6];
    words[0] = "with-lock";
    System.arraycopy(options, 0, words, 1, options.length);
    words[options.length + 1] = database;
    words[options.length + 2] = "--";
    words[options.length + 3] = "sh";
    words[options.length + 4] = "-c";
    words[options.length + 5] = "echo in $SQLITE_SAFE_TOKEN; read line; echo told $line";
    Running holder = start(words);
    holder.awaitOut("in ");
    return holder;
  }

  public static Map<String, Object> inspect(Path database) {
    return run("inspect-lock", "--json", database).exits(0).json();
  }

  public static String verdict(Path database) {
    return String.valueOf(inspect(database).get("verdict"));
  }
}
