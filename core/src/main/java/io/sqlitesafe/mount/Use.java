package io.sqlitesafe.mount;

/** The ways of using a database that a file system may be fit for, or not. */
public enum Use {
  /** Trusted access, SQLite's locks, rollback journal. */
  TRUSTED_ROLLBACK("trusted-rollback"),
  /** Trusted access with a write-ahead log, whose index is memory shared by all processes. */
  TRUSTED_WAL("trusted-wal"),
  /** Network-exclusive access, commit by rename (protocol section 10.3). */
  PUBLISH("network-exclusive-publish"),
  /** Network-exclusive access, commit in place (protocol section 10.2). */
  IN_PLACE("network-exclusive-in-place");

  private final String id;

  Use(String id) {
    this.id = id;
  }

  /** As in JSON and in text. */
  public String id() {
    return id;
  }
}
