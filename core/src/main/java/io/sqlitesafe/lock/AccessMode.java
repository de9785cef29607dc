package io.sqlitesafe.lock;

/** The modes of access of protocol section 1: one per database, never mixed. */
public enum AccessMode {
  /** Writers hold the exclusive lock; readers rely on SQLite's own locks. */
  TRUSTED("trusted"),
  /** SQLite is opened without its own locks; readers hold a shared lock (protocol section 10). */
  NETWORK_EXCLUSIVE("network-exclusive");

  private final String id;

  AccessMode(String id) {
    this.id = id;
  }

  /**
   * The mode of that name.
   *
   * @throws IllegalArgumentException where there is none
   */
  public static AccessMode of(String id) {
    for (AccessMode mode : values()) {
      if (mode.id.equals(id)) {
        return mode;
      }
    }
    throw new IllegalArgumentException("no mode of access: " + id);
  }

  /** The name in {@code owner.json}, on the command line and in JSON. */
  public String id() {
    return id;
  }
}
