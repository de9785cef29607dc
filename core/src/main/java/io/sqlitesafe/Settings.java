package io.sqlitesafe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.fs.Mount;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.BreakPolicy;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockRelay;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link SafeDatabase} behaves. Immutable.
 *
 * @param patience how long to wait for the lock, and then for SQLite's own locks; null = for ever
 * @param policy what an acquirer may break by itself
 * @param times heartbeat and stale limit
 * @param command what this process does, for the lock's owner record
 * @param parent the lock of a surrounding {@code with-lock}, in which to take part
 * @param access the mode of access that the database must be marked with; null = either
 * @param inPlace in network-exclusive access, write into the file itself instead of replacing it
 *     (protocol section 10.2): cheaper for large files, and with a residual risk
 * @param cancellation stops waiting and work from another thread
 * @param listener told of waiting, breaking and warnings
 * @param assumed what a person says of the file system, in place of what its type tells
 * @param relay hands the lock from one operation to the next; null = each takes and releases it
 */
public record Settings(
    @Nullable Duration patience,
    BreakPolicy policy,
    LockTimes times,
    String command,
    Optional<LockToken> parent,
    @Nullable AccessMode access,
    boolean inPlace,
    Cancellation cancellation,
    LockListener listener,
    Mount.Assumed assumed,
    @Nullable LockRelay relay) {
  private static final Duration FOREVER = Duration.ofDays(20);

  /** 30 s of patience; breaks only what is proven dead. */
  public static Settings defaults() {
    return new Settings(
        LockRequest.DEFAULT_WAIT,
        BreakPolicy.DEAD,
        LockTimes.DEFAULT,
        "java",
        Optional.empty(),
        null,
        false,
        new Cancellation(),
        LockListener.SILENT,
        Mount.Assumed.NOTHING,
        null);
  }

  public Settings withPatience(@Nullable Duration value) {
    return new Settings(
        value,
        policy,
        times,
        command,
        parent,
        access,
        inPlace,
        cancellation,
        listener,
        assumed,
        relay);
  }

  public Settings withPolicy(BreakPolicy value) {
    return new Settings(
        patience,
        value,
        times,
        command,
        parent,
        access,
        inPlace,
        cancellation,
        listener,
        assumed,
        relay);
  }

  public Settings withTimes(LockTimes value) {
    return new Settings(
        patience,
        policy,
        value,
        command,
        parent,
        access,
        inPlace,
        cancellation,
        listener,
        assumed,
        relay);
  }

  public Settings withCommand(String value) {
    return new Settings(
        patience,
        policy,
        times,
        value,
        parent,
        access,
        inPlace,
        cancellation,
        listener,
        assumed,
        relay);
  }

  public Settings withParent(Optional<LockToken> value) {
    return new Settings(
        patience,
        policy,
        times,
        command,
        value,
        access,
        inPlace,
        cancellation,
        listener,
        assumed,
        relay);
  }

  public Settings withAccess(@Nullable AccessMode value) {
    return new Settings(
        patience,
        policy,
        times,
        command,
        parent,
        value,
        inPlace,
        cancellation,
        listener,
        assumed,
        relay);
  }

  public Settings withInPlace(boolean value) {
    return new Settings(
        patience,
        policy,
        times,
        command,
        parent,
        access,
        value,
        cancellation,
        listener,
        assumed,
        relay);
  }

  public Settings withCancellation(Cancellation value) {
    return new Settings(
        patience, policy, times, command, parent, access, inPlace, value, listener, assumed, relay);
  }

  public Settings withListener(LockListener value) {
    return new Settings(
        patience,
        policy,
        times,
        command,
        parent,
        access,
        inPlace,
        cancellation,
        value,
        assumed,
        relay);
  }

  public Settings withAssumed(Mount.Assumed value) {
    return new Settings(
        patience,
        policy,
        times,
        command,
        parent,
        access,
        inPlace,
        cancellation,
        listener,
        value,
        relay);
  }

  /** The operations that have this relay must be one thread's, one after the other. */
  public Settings withRelay(@Nullable LockRelay value) {
    return new Settings(
        patience,
        policy,
        times,
        command,
        parent,
        access,
        inPlace,
        cancellation,
        listener,
        assumed,
        value);
  }

  LockRequest lockRequest() {
    return new LockRequest(patience, policy, times, command, cancellation, listener);
  }

  /** What is left of the patience after {@code waited}, for SQLite's busy handler. */
  Duration busyTimeout(Duration waited) {
    if (patience == null) {
      return FOREVER;
    }
    Duration rest = patience.minus(waited);
    return rest.isNegative() ? Duration.ZERO : rest;
  }
}
