package io.sqlitesafe.error;

/**
 * Every way in which an operation can end, each with the one exit status that means it and nothing
 * else. Scripts rely on these numbers: add kinds freely, never give a number a second meaning.
 */
public enum ErrorKind {
  /** The operation failed (SQL error, I/O error, disk full); nothing was changed. */
  FAILED("failed", 1),
  /** The request itself was wrong. */
  USAGE("usage", 2),
  /** Done and durable, but something after it needs attention. */
  WARNINGS("warnings", 3),
  /** The file is missing, unreadable or not a SQLite database. */
  NO_DATABASE("no-database", 10),
  /** The lock was not free in time. */
  LOCK_BUSY("lock-busy", 11),
  /** This process's lock was broken while it worked; everything was rolled back. */
  LOCK_LOST("lock-lost", 12),
  /** A declared precondition did not hold; nothing was changed. */
  PRECONDITION("precondition", 13),
  /** An integrity or foreign-key check found problems. */
  DAMAGED("damaged", 14),
  /** Refused by policy, because going on could lose data. */
  UNSAFE("unsafe", 15),
  /** The outcome cannot be known from here. */
  UNCERTAIN("uncertain", 16),
  /** A bug in this program. */
  INTERNAL("internal", 70),
  /** The program to run under the lock is there, but cannot be executed; it was not started. */
  COMMAND_NOT_EXECUTABLE("command-not-executable", 126),
  /** The program to run under the lock is not there. */
  COMMAND_NOT_FOUND("command-not-found", 127),
  /** Stopped by SIGINT; rolled back and released. */
  INTERRUPTED("interrupted", 130),
  /** Stopped by SIGTERM; rolled back and released. */
  TERMINATED("terminated", 143);

  private final String id;
  private final int exitCode;

  ErrorKind(String id, int exitCode) {
    this.id = id;
    this.exitCode = exitCode;
  }

  /** Stable identifier, used as {@code id} in JSON errors. */
  public String id() {
    return id;
  }

  /** Exit status of a process that ends this way. */
  public int exitCode() {
    return exitCode;
  }
}
