package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How thoroughly a database is checked. */
public enum CheckLevel {
  /** Not at all. */
  NONE,
  /**
   * {@code PRAGMA quick_check} (sqlite.org/pragma.html#pragma_quick_check): everything but that
   * index entries match their rows. Foreign keys and full-text indexes included.
   */
  QUICK,
  /** {@code PRAGMA integrity_check} instead. */
  FULL;

  /** The name in options and manifests. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Every name. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(CheckLevel::id).toList();
  }

  /** The level of that name. */
  public static CheckLevel of(String id) {
    for (CheckLevel level : values()) {
      if (level.id().equals(id)) {
        return level;
      }
    }
    throw new SqliteSafeException(
        ErrorKind.USAGE,
        "there is no level of checking " + id,
        "the levels are: " + String.join(", ", ids()));
  }
}
