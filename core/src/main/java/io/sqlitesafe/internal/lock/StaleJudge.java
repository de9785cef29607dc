package io.sqlitesafe.internal.lock;

import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OtherLock;
import io.sqlitesafe.lock.OwnerRecord;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The stale judgement of protocol section 6, as a pure function from what was observed to a
 * verdict. It reads no clock and no file, so every row of the protocol's table of vectors is a test
 * of it.
 */
public final class StaleJudge {
  private final LockTimes times;
  private final AccessMode access;

  /**
   * @param access in network-exclusive access nothing but the claim keeps two writers apart, so
   *     that every judgement there takes longer
   */
  public StaleJudge(LockTimes times, AccessMode access) {
    this.times = times;
    this.access = access;
  }

  /**
   * What an observer knows.
   *
   * @param state the directory's class
   * @param owner the record, if it speaks about the claim of {@code state}; else null
   * @param life what is known of the record's process
   * @param age probe time minus time of the heartbeat (of the reservation itself, or of another
   *     program's lock), negative if in the future; null where there is none
   * @param quiet for how long the observed value has not changed (see {@link QuietTime})
   */
  public record Observation(
      LockState state,
      @Nullable OwnerRecord owner,
      Life life,
      @Nullable Duration age,
      Duration quiet) {}

  /** What may be done about it. */
  public sealed interface Verdict {
    /** No lock. */
    record Free() implements Verdict {}

    /** Left over from a release or a break: tidy it now. */
    record CleanNow() implements Verdict {}

    /** Somebody's reservation; take it over once {@code missing} is zero. */
    record Reserved(Duration missing) implements Verdict {}

    /**
     * Another program's lock: may be given back, is never ours to take.
     *
     * @param age since when it has not been touched; null where that cannot be seen
     */
    record Other(OtherLock kind, @Nullable Duration age) implements Verdict {}

    /**
     * Held, and not to be broken yet.
     *
     * @param evidence what speaks against the holder so far
     * @param missing how much more quiet time a break on this evidence needs; null = never without
     *     a person
     */
    record Held(LockToken token, Evidence evidence, @Nullable Duration missing)
        implements Verdict {}

    /** May be broken. */
    record Stale(LockToken token, Evidence evidence) implements Verdict {}

    /** Not ours to touch. */
    record Foreign(String reason) implements Verdict {}
  }

  public Verdict judge(Observation seen) {
    if (seen.state() instanceof LockState.Absent) {
      return new Verdict.Free();
    }
    if (seen.state() instanceof LockState.Dead) {
      return new Verdict.CleanNow();
    }
    if (seen.state() instanceof LockState.Reserved) {
      return new Verdict.Reserved(missing(times.emptyGrace(), longer(seen.quiet(), seen.age())));
    }
    if (seen.state() instanceof LockState.Other other) {
      return new Verdict.Other(other.kind(), seen.age());
    }
    if (seen.state() instanceof LockState.Foreign foreign) {
      return new Verdict.Foreign(foreign.reason());
    }
    LockState.Held held = (LockState.Held) seen.state();
    Evidence evidence = evidence(seen);
    Duration required = required(evidence, seen.owner());
    if (required == null) {
      return new Verdict.Held(held.token(), evidence, null);
    }
    Duration missing = missing(required, seen.quiet());
    return missing.isZero()
        ? new Verdict.Stale(held.token(), evidence)
        : new Verdict.Held(held.token(), evidence, missing);
  }

  private Evidence evidence(Observation seen) {
    OwnerRecord owner = seen.owner();
    if (owner != null && !owner.isOurProtocol()) {
      return Evidence.OPERATOR_ONLY;
    }
    if (owner != null && seen.life() == Life.DEAD) {
      return Evidence.DEAD;
    }
    if (seen.life() == Life.REBOOTED) { // the token alone may tell it
      return Evidence.REBOOT;
    }
    if (owner != null && seen.life() == Life.WORKING) {
      return Evidence.WORKING;
    }
    Duration age = seen.age();
    if (age == null || owner == null) {
      return Evidence.SILENCE;
    }
    if (age.isNegative()) {
      return Evidence.FUTURE;
    }
    return age.compareTo(staleAfter(owner)) >= 0 ? Evidence.OLD : Evidence.SILENCE;
  }

  private @Nullable Duration required(Evidence evidence, @Nullable OwnerRecord owner) {
    boolean trusted = access == AccessMode.TRUSTED;
    return switch (evidence) {
      case DEAD -> trusted ? Duration.ZERO : confirm(owner);
      case REBOOT, OLD -> trusted ? confirm(owner) : staleAfter(owner);
      case FUTURE, SILENCE -> staleAfter(owner);
      case WORKING, OPERATOR_ONLY -> null;
    };
  }

  private Duration confirm(@Nullable OwnerRecord owner) {
    return times.confirm(owner == null ? times.heartbeatInterval() : owner.heartbeatInterval());
  }

  /** S: the holder may ask for more patience than ours, never for less. */
  private Duration staleAfter(@Nullable OwnerRecord owner) {
    if (owner == null || owner.staleAfter().compareTo(times.staleAfter()) < 0) {
      return times.staleAfter();
    }
    return owner.staleAfter();
  }

  private static Duration longer(Duration a, @Nullable Duration b) {
    return b == null || a.compareTo(b) > 0 ? a : b;
  }

  private static Duration missing(Duration required, Duration quiet) {
    Duration rest = required.minus(quiet);
    return rest.isNegative() ? Duration.ZERO : rest;
  }
}
