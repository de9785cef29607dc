package io.sqlitesafe.sql;

/** How a database file is opened. */
public enum OpenMode {
  /** Never writes; a journal that needs a rollback is an error, not rolled back. */
  READ,
  /**
   * As READ, of a file that nobody changes meanwhile: without locks, and blind to a journal or
   * write-ahead log beside it (sqlite.org/uri.html, "immutable").
   */
  IMMUTABLE,
  /** Reads and writes a file that exists. */
  WRITE,
  /** As WRITE, and a missing file is created. */
  CREATE,
  /**
   * As READ, but without SQLite's locks (sqlite.org/uri.html, "nolock"): for a reader of
   * network-exclusive access, under its shared lock.
   */
  READ_NOLOCK,
  /**
   * As WRITE, but without SQLite's locks: for the owner of the lock in network-exclusive access.
   * Opening alone may roll a journal back.
   */
  WRITE_NOLOCK,
  /** As WRITE_NOLOCK, and a missing file is created. */
  CREATE_NOLOCK;

  /** The same, without SQLite's locks. */
  public OpenMode withoutLocks() {
    // No switch: javac would make a class for it, to be loaded by each short process.
    return this == READ
        ? READ_NOLOCK
        : this == WRITE ? WRITE_NOLOCK : this == CREATE ? CREATE_NOLOCK : this;
  }

  /** Whether it is without SQLite's locks, by its name. */
  public boolean isNolock() {
    return this == READ_NOLOCK || this == WRITE_NOLOCK || this == CREATE_NOLOCK;
  }

  /** Whether nothing is written. */
  public boolean isReading() {
    return this == READ || this == IMMUTABLE || this == READ_NOLOCK;
  }

  /** Whether a missing file is created. */
  public boolean isCreating() {
    return this == CREATE || this == CREATE_NOLOCK;
  }
}
