package io.sqlitesafe.cli.batch;

import io.sqlitesafe.WriteOptions;
import io.sqlitesafe.WriteStream;
import io.sqlitesafe.cli.input.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what requests that are committed together must have in common: how they wait for the lock.
 * Which ones may be at all, says {@link WriteStream#takes}.
 */
final class Grouping {
  private static final Set<String> CONDITIONS = Set.of("--when", "--expect");

  /** How the lock is waited for and held. */
  private static final Set<String> SETTINGS =
      Set.of(
          "--wait",
          "--break",
          "--access",
          "--assume-local",
          "--assume-network",
          "--heartbeat-interval",
          "--stale-after");

  /** These read no file either. */
  private static final Set<String> HARMLESS =
      Set.of("--json", "--dry-run", "--retries", "--format", "--quiet", "--progress", "--lock-log");

  private Grouping() {}

  /** Whether an option may name a file that the command reads, of any kind. */
  static boolean mayReadFiles(List<String> words) {
    for (String option : words.subList(1, words.indexOf("--"))) {
      String name = name(option);
      boolean known =
          SETTINGS.contains(name)
              || CONDITIONS.contains(name)
              || HARMLESS.contains(name)
              || (name.equals("--param") && !namesFile(option));
      if (!known) {
        return true;
      }
    }
    return false;
  }

  private static String name(String option) {
    int equals = option.indexOf('=');
    return equals < 0 ? option : option.substring(0, equals);
  }

  /** As {@code --param=x:blob=@FILE}. */
  private static boolean namesFile(String param) {
    return !Params.files(List.of(param.substring(param.indexOf('=') + 1))).isEmpty();
  }

  /** The settings of a plain write; null for everything else. */
  static @Nullable List<String> settings(List<String> words, String stdin) {
    int arguments = words.indexOf("--") + 1;
    if (!words.get(0).equals("write") || !stdin.isEmpty() || words.size() < arguments + 2) {
      return null;
    }
    List<String> scripts = new ArrayList<>(words.subList(arguments + 1, words.size()));
    List<String> settings = new ArrayList<>();
    for (String option : words.subList(1, arguments - 1)) {
      String name = name(option);
      if (SETTINGS.contains(name)) {
        settings.add(option);
      } else if (CONDITIONS.contains(name)) {
        scripts.add(option.substring(option.indexOf('=') + 1));
      } else if (name.equals("--param") && namesFile(option)) {
        return null; // it may be the database, and closing it would drop SQLite's locks
      } else if (!name.equals("--json") && !name.equals("--param")) {
        return null; // it is no write with default options
      }
    }
    return WriteStream.takes(WriteOptions.DEFAULT, scripts) ? settings : null;
  }
}
