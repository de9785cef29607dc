package io.sqlitesafe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.fs.Mount;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.BreakPolicy;
import io.sqlitesafe.lock.LockListener;
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
 * @param allowLinks a person's word that nobody uses other names of the file (hard links, file bind
 *     mounts)
 * @param resolvePending deal with an unpublished changeset of a crashed writer whoever that was
 * @param loading makes connections load extensions: SQL of {@link io.sqlitesafe.db.Extensions}; empty
 *     = none
 * @param stream the writes that this one belongs to; null = it takes and releases the lock itself
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
    boolean allowLinks,
    boolean resolvePending,
    String loading,
    @Nullable WriteStream stream) {
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
        false,
        false,
        "",
        null);
  }

  public Settings withPatience(@Nullable Duration value) {
    Draft draft = new Draft(this);
    draft.patience = value;
    return draft.settings();
  }

  public Settings withPolicy(BreakPolicy value) {
    Draft draft = new Draft(this);
    draft.policy = value;
    return draft.settings();
  }

  public Settings withTimes(LockTimes value) {
    Draft draft = new Draft(this);
    draft.times = value;
    return draft.settings();
  }

  public Settings withCommand(String value) {
    Draft draft = new Draft(this);
    draft.command = value;
    return draft.settings();
  }

  public Settings withParent(Optional<LockToken> value) {
    Draft draft = new Draft(this);
    draft.parent = value;
    return draft.settings();
  }

  public Settings withAccess(@Nullable AccessMode value) {
    Draft draft = new Draft(this);
    draft.access = value;
    return draft.settings();
  }

  public Settings withInPlace(boolean value) {
    Draft draft = new Draft(this);
    draft.inPlace = value;
    return draft.settings();
  }

  public Settings withCancellation(Cancellation value) {
    Draft draft = new Draft(this);
    draft.cancellation = value;
    return draft.settings();
  }

  public Settings withListener(LockListener value) {
    Draft draft = new Draft(this);
    draft.listener = value;
    return draft.settings();
  }

  public Settings withAssumed(Mount.Assumed value) {
    Draft draft = new Draft(this);
    draft.assumed = value;
    return draft.settings();
  }

  public Settings withAllowLinks(boolean value) {
    Draft draft = new Draft(this);
    draft.allowLinks = value;
    return draft.settings();
  }

  public Settings withResolvePending(boolean value) {
    Draft draft = new Draft(this);
    draft.resolvePending = value;
    return draft.settings();
  }

  public Settings withLoading(String value) {
    Draft draft = new Draft(this);
    draft.loading = value;
    return draft.settings();
  }

  /** The operations that have this stream must be one thread's, one after the other. */
  public Settings withStream(@Nullable WriteStream value) {
    Draft draft = new Draft(this);
    draft.stream = value;
    return draft.settings();
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

  /** A copy of which one thing is changed. */
  private static final class Draft {
    private @Nullable Duration patience;
    private BreakPolicy policy;
    private LockTimes times;
    private String command;
    private Optional<LockToken> parent;
    private @Nullable AccessMode access;
    private boolean inPlace;
    private Cancellation cancellation;
    private LockListener listener;
    private Mount.Assumed assumed;
    private boolean allowLinks;
    private boolean resolvePending;
    private String loading;
    private @Nullable WriteStream stream;

    Draft(Settings from) {
      patience = from.patience;
      policy = from.policy;
      times = from.times;
      command = from.command;
      parent = from.parent;
      access = from.access;
      inPlace = from.inPlace;
      cancellation = from.cancellation;
      listener = from.listener;
      assumed = from.assumed;
      allowLinks = from.allowLinks;
      resolvePending = from.resolvePending;
      loading = from.loading;
      stream = from.stream;
    }

    Settings settings() {
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
          allowLinks,
          resolvePending,
          loading,
          stream);
    }
  }
}
