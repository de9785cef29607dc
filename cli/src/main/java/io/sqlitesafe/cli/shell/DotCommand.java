package io.sqlitesafe.cli.shell;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.List;
import java.util.Locale;

/**
 * One dot-command.
 *
 * @param name with its dot
 * @param usage its arguments
 * @param help what it does, in a line
 * @param files its arguments are file names, for completion
 * @param action runs it
 */
record DotCommand(String name, String usage, String help, boolean files, Action action) {
  /** What a dot-command does with its words, its own name not among them. */
  interface Action {
    void run(List<String> arguments);
  }

  static DotCommand of(String name, String usage, String help, Action action) {
    return new DotCommand(name, usage, help, false, action);
  }

  static DotCommand onFiles(String name, String usage, String help, Action action) {
    return new DotCommand(name, usage, help, true, action);
  }

  SqliteSafeException wrongUse() {
    return new SqliteSafeException(ErrorKind.USAGE, "usage: " + (name + " " + usage).strip(), help);
  }

  /** Thrown by an action whose arguments are wrong. */
  static final class WrongUse extends RuntimeException {
    private static final long serialVersionUID = 1;

    WrongUse() {
      super("wrong arguments", null, false, false);
    }
  }

  /** The only argument. */
  static String only(List<String> arguments) {
    if (arguments.size() != 1) {
      throw new WrongUse();
    }
    return arguments.get(0);
  }

  /** No argument gives an empty string. */
  static String optional(List<String> arguments) {
    return arguments.isEmpty() ? "" : only(arguments);
  }

  /** {@code on} or {@code off}, or what else sqlite3 takes for them. */
  static boolean onOff(List<String> arguments) {
    return switch (only(arguments).toLowerCase(Locale.ROOT)) {
      case "on", "yes", "true", "1" -> true;
      case "off", "no", "false", "0" -> false;
      default -> throw new WrongUse();
    };
  }
}
