package io.sqlitesafe.mount;

/** How fit a file system is for a way of using a database, the strictest last. */
public enum Advice {
  FINE("fine"),
  /** Allowed, and a person should know something. */
  WARN("warn"),
  /** Would lose data. */
  REFUSE("refuse");

  private final String id;

  Advice(String id) {
    this.id = id;
  }

  /** As in JSON and in text. */
  public String id() {
    return id;
  }

  public Advice orStricter(Advice other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
