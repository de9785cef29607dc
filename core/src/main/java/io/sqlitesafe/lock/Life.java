package io.sqlitesafe.lock;

/** What is known of a recorded owner. */
public enum Life {
  /** The process is there. */
  ALIVE,
  /** The owner's process is gone, but the process that works under its lock is there. */
  WORKING,
  /** Same boot, same name spaces, and the process is gone or its pid belongs to another. */
  DEAD,
  /** The host is the same, but it has booted since. */
  REBOOTED,
  /** Another host or name space, or too little was recorded or can be seen. */
  UNKNOWN
}
