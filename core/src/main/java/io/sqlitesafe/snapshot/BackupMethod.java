package io.sqlitesafe.snapshot;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How a database is copied. */
public enum BackupMethod {
  /**
   * What keeps writers waiting least and always ends: pages are copied in short turns, between
   * which writers may commit; if one did, in one turn behind the closed door of the lock.
   */
  AUTO,
  /** SQLite's backup interface (sqlite.org/backup.html) in short steps. */
  ONLINE,
  /** Pages as they lie in the file, in one turn. */
  COPY,
  /** {@code VACUUM INTO} (sqlite.org/lang_vacuum.html): a compact copy, in one long turn. */
  VACUUM;

  /** The name in options and manifests. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Every name. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(BackupMethod::id).toList();
  }
}
