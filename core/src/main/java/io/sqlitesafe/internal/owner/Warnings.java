package io.sqlitesafe.internal.owner;

import io.sqlitesafe.lock.ForwardingLockListener;
import io.sqlitesafe.lock.LockListener;
import java.util.ArrayList;
import java.util.List;

/**
 * What needs attention although an operation has done its work. Whatever takes part in it says so
 * here, its release last of all, and its result is made of a copy after that.
 *
 * @param next is told of everything at once
 * @param said the warnings so far
 */
public record Warnings(LockListener next, List<String> said) implements ForwardingLockListener {
  /** Nothing was said yet. */
  public Warnings(LockListener next) {
    this(next, new ArrayList<>());
  }

  /** Where to say what a person may want to know, and what makes no warning of the result. */
  static LockListener beside(LockListener listener) {
    return listener instanceof Warnings warnings ? warnings.next : listener;
  }

  @Override
  public void warning(String message) {
    synchronized (said) { // a heartbeat may have something to say, too
      said.add(message);
    }
    next.warning(message);
  }

  /** To be called once the lock has been released: that may fail. */
  public List<String> copy() {
    synchronized (said) {
      return List.copyOf(said);
    }
  }
}
