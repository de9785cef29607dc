package io.sqlitesafe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.internal.db.BusyRetry;
import io.sqlitesafe.internal.db.Insistence;
import io.sqlitesafe.internal.owner.Keeper;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.lock.LockListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens the database for each operation of a session; an operation can be stopped. For one
 * operation at a time, except {@link #stop}.
 */
final class SessionDatabase implements AutoCloseable {
  private final Path name;
  private final Runnable interrupt;
  private final Cancellation whole;
  private final Cancellation.Registration registration;
  private volatile Settings settings;

  /** Stops the operation that runs. */
  private volatile Cancellation cancellation = new Cancellation();

  private @Nullable Insistence insistence;
  private boolean running;

  /**
   * The way to {@code name}.
   *
   * @param settings whose cancellation stops the session for good
   * @param interrupt stops statements
   */
  SessionDatabase(Path name, Settings settings, Runnable interrupt) {
    this.name = name;
    this.settings = settings;
    this.interrupt = interrupt;
    this.whole = settings.cancellation();
    this.registration = whole.onRequest(this::stopForGood);
  }

  /** How long operations wait for the locks of others from now on. */
  void setPatience(Duration value) {
    settings = settings.withPatience(value);
  }

  String loading() {
    return settings.file().loading();
  }

  /** What connections load from now on; returns what it was. */
  String setLoading(String value) {
    String before = settings.file().loading();
    settings = settings.withLoading(value);
    return before;
  }

  /** An operation begins: what stopped those before it is over, unless it stops all. */
  synchronized void begin() {
    cancellation = new Cancellation();
    running = true;
  }

  void throwIfStoppedForGood() {
    whole.throwIfRequested();
  }

  /** It has ended. */
  void end() {
    Insistence over;
    synchronized (this) {
      running = false;
      over = insistence;
      insistence = null;
    }
    if (over != null) {
      over.close();
    }
  }

  /** Stops the present operation, if there is one. From any thread. */
  void stop() {
    stop(ErrorKind.INTERRUPTED);
  }

  private void stopForGood() {
    ErrorKind kind = whole.requested();
    stop(kind == null ? ErrorKind.INTERRUPTED : kind);
  }

  private synchronized void stop(ErrorKind kind) {
    cancellation.request(kind);
    if (running && insistence == null) {
      insistence = Insistence.on(interrupt);
    }
  }

  void throwIfStopped() {
    cancellation.throwIfRequested();
  }

  /** For a write, with what {@code keeper} knows. */
  Site site(Keeper keeper) {
    Settings now = settings.withCancellation(cancellation);
    return keeper.site(name, now.lock(), now.file(), now.parent());
  }

  /** Told of everything. */
  LockListener listener() {
    return settings.listener();
  }

  Site open() {
    return SafeDatabase.site(name, settings.withCancellation(cancellation));
  }

  /**
   * Runs again and again while SQLite's own locks are busy. In slices, because SQLite's waiting
   * cannot be interrupted.
   */
  <T extends @Nullable Object> T patiently(Supplier<T> attempt) {
    return BusyRetry.inSlices(settings.patience(), cancellation, attempt);
  }

  void patiently(Runnable attempt) {
    patiently(
        () -> {
          attempt.run();
          return true;
        });
  }

  @Override
  public void close() {
    registration.close();
    end();
  }
}
