package io.sqlitesafe.lock;

/** Why a holder might be dead; from proof down to nothing. */
public enum Evidence {
  /** Its process on this host and boot is gone. */
  DEAD("its process is gone"),
  /** Its host has booted since. */
  REBOOT("its host has rebooted since"),
  /** Its heartbeat is older than the stale limit, by the file system's clock. */
  OLD("its heartbeat is too old"),
  /** Its heartbeat lies in the future of the file system's clock. */
  FUTURE("its heartbeat lies in the future"),
  /** Its process is gone, but the one that works under its lock is there. */
  WORKING("its process is gone, but the command that it ran goes on"),
  /** Nothing but silence. */
  SILENCE("it is silent"),
  /** It follows a protocol that we do not know; only a person may judge. */
  OPERATOR_ONLY("it follows another protocol");

  private final String text;

  Evidence(String text) {
    this.text = text;
  }

  /** A clause for messages, about "the owner". */
  public String text() {
    return text;
  }
}
