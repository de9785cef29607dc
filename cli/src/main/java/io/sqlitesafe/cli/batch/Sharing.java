package io.sqlitesafe.cli.batch;

import io.sqlitesafe.WriteOptions;
import io.sqlitesafe.WriteStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what requests that are committed together must have in common: how they wait for the lock.
 * Which ones may be at all, says {@link WriteStream#takes}.
 */
final class Sharing {
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

  private Sharing() {}

  /** The settings of a plain write; null for everything else. */
  static @Nullable List<String> settings(List<String> words, String stdin) {
    int arguments = words.indexOf("--") + 1;
    if (!words.get(0).equals("write") || !stdin.isEmpty() || words.size() < arguments + 2) {
      return null;
    }
    List<String> scripts = new ArrayList<>(words.subList(arguments + 1, words.size()));
    List<String> settings = new ArrayList<>();
    for (String option : words.subList(1, arguments - 1)) {
      int equals = option.indexOf('=');
      String name = equals < 0 ? option : option.substring(0, equals);
      if (SETTINGS.contains(name)) {
        settings.add(option);
      } else if (CONDITIONS.contains(name)) {
        scripts.add(option.substring(equals + 1));
      } else if (!name.equals("--json") && !name.equals("--param")) {
        return null; // it is no write with default options
      }
    }
    return WriteStream.takes(WriteOptions.DEFAULT, scripts) ? settings : null;
  }
}
