package io.sqlitesafe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.BreakPolicy;
import io.sqlitesafe.lock.FileTerms;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.mount.Mount;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link SafeDatabase} behaves. Immutable; its listener and its cancellation are told and
 * asked by any thread.
 *
 * @param lock how the lock is waited for, held and broken; its patience is also for SQLite's own
 *     locks
 * @param file what the caller says of the database file
 * @param parent the lock of a surrounding {@code with-lock}, in which to take part
 */
public record Settings(LockRequest lock, FileTerms file, Optional<LockToken> parent) {
  /** 30 s of patience; breaks only what is proven dead. */
  public static Settings defaults() {
    return new Settings(LockRequest.defaults("java"), FileTerms.NONE, Optional.empty());
  }

  /** How long to wait for the lock, and then for SQLite's own locks; null = for ever. */
  public @Nullable Duration patience() {
    return lock.patience();
  }

  /** Stops waiting and work from another thread. */
  public Cancellation cancellation() {
    return lock.cancellation();
  }

  /** Told of waiting, breaking and warnings. */
  public LockListener listener() {
    return lock.listener();
  }

  private Settings with(LockRequest value) {
    return new Settings(value, file, parent);
  }

  private Settings with(FileTerms value) {
    return new Settings(lock, value, parent);
  }

  /** Another {@link #patience}; null = for ever. */
  public Settings withPatience(@Nullable Duration value) {
    return with(lock.withPatience(value));
  }

  /** What an acquirer may break by itself. */
  public Settings withPolicy(BreakPolicy value) {
    return with(lock.withPolicy(value));
  }

  /** Heartbeat and stale limit. */
  public Settings withTimes(LockTimes value) {
    return with(lock.withTimes(value));
  }

  /** What this process does, for the lock's owner record. */
  public Settings withCommand(String value) {
    return with(lock.withCommand(value));
  }

  /** Another {@link #cancellation}. */
  public Settings withCancellation(Cancellation value) {
    return with(lock.withCancellation(value));
  }

  /** Another {@link #listener}. */
  public Settings withListener(LockListener value) {
    return with(lock.withListener(value));
  }

  /** The lock of a surrounding {@code with-lock}, in which to take part. */
  public Settings withParent(Optional<LockToken> value) {
    return new Settings(lock, file, value);
  }

  /** The mode of access that the database must be marked with; null = either. */
  public Settings withAccess(@Nullable AccessMode value) {
    return with(file.withAccess(value));
  }

  /** In network-exclusive access, write into the file itself instead of replacing it. */
  public Settings withInPlace(boolean value) {
    return with(file.withInPlace(value));
  }

  /** What a person says of the file system. */
  public Settings withAssumed(Mount.Assumed value) {
    return with(file.withAssumed(value));
  }

  /** A person's word that nobody uses other names of the file. */
  public Settings withAllowLinks(boolean value) {
    return with(file.withAllowLinks(value));
  }

  /** Deal with an unpublished changeset of a crashed writer whoever that was. */
  public Settings withResolvePending(boolean value) {
    return with(file.withResolvePending(value));
  }

  /** Load extensions: SQL of {@link io.sqlitesafe.sql.Extensions}. */
  public Settings withLoading(String value) {
    return with(file.withLoading(value));
  }
}
