package io.sqlitesafe.cli.batch;

import io.sqlitesafe.db.SharingPolicy;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Says which requests may be committed together: plain writes of the same settings. */
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
    for (String sql : words.subList(arguments + 1, words.size())) {
      if (!mayShare(sql)) {
        return null;
      }
    }
    List<String> settings = new ArrayList<>();
    for (String option : words.subList(1, arguments - 1)) {
      int equals = option.indexOf('=');
      String name = equals < 0 ? option : option.substring(0, equals);
      if (SETTINGS.contains(name)) {
        settings.add(option);
      } else if (CONDITIONS.contains(name)
          ? !mayShare(option.substring(equals + 1))
          : !name.equals("--json") && !name.equals("--param")) {
        return null;
      }
    }
    return settings;
  }

  private static boolean mayShare(String sql) {
    try {
      return SharingPolicy.mayShare(sql);
    } catch (SqliteSafeException unfit) {
      return false; // its own answer will say it
    }
  }
}
