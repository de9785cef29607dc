package io.sqlitesafe.lock;

/** What other programs lock a database by, under the same name. */
public enum OtherLock {
  /** SQLite's dotfile locking, node-sqlite3-wasm, proper-lockfile. */
  EMPTY_DIRECTORY(
      "an empty lock directory of another program (SQLite's dotfile locking, node-sqlite3-wasm,"
          + " proper-lockfile)"),
  /** py-filelock, {@code lockfile} of procmail. */
  FILE("a lock file of another program (py-filelock, lockfile)"),
  /** It may even be one of ours: only its owner can tell. */
  UNREADABLE("a lock directory that this user may not read");

  private final String text;

  OtherLock(String text) {
    this.text = text;
  }

  /** As in JSON. */
  public String id() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  /** For messages. */
  public String text() {
    return text;
  }
}
