package io.sqlitesafe.internal.lock;

import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OtherLock;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to own the lock, from A1 to A5 of protocol section 5. Used once, by one thread.
 *
 * <p>It begins in the belief that rename replaces an empty directory, unless told otherwise, and
 * finds out when a rename onto its own reservation did not.
 */
final class Acquisition {
  /** Half of the time for which others leave a reservation alone. */
  private static final Duration MOST_BETWEEN = Duration.ofSeconds(5);

  /** Who waits for less does not show it. */
  private static final Duration UNSEEN = Duration.ofMillis(1);

  private static final int PREPARATIONS = 3;

  private static final Duration UNSEEN_ON_NETWORK = Duration.ofSeconds(1);

  private final LockDirectory directory;
  private final ProcessTable processes;
  private final boolean network;
  private final Clock clock;
  private final LockRequest request;
  private final AccessMode access;
  private final boolean keeps;
  private final Obstacle obstacle;
  private final Polling polling;

  private LockToken token;
  private OwnerRecord record;
  private boolean renameReplaces;
  private boolean takeOver;
  private @Nullable Waiting waiting;

  Acquisition(
      LockDirectory directory,
      ProcessTable processes,
      boolean network,
      boolean renameReplaces,
      Clock clock,
      AccessMode access,
      LockRequest request,
      boolean keeps) {
    this.keeps = keeps;
    this.directory = directory;
    this.processes = processes;
    this.network = network;
    this.renameReplaces = renameReplaces;
    this.clock = clock;
    this.access = access;
    this.request = request;
    this.polling = new Polling(network, clock, request);
    this.obstacle = new Obstacle(directory, processes, network, access, clock, request);
    this.token = LockToken.of(processes.self());
    this.record = newRecord();
  }

  DatabaseLock run() {
    boolean owned = false;
    try {
      request.cancellation().throwIfRequested();
      prepare();
      while (!attempt()) {
        onBusy();
      }
      boolean old = polling.elapsed().compareTo(young()) >= 0;
      if (old) {
        record = newRecord();
        directory.refresh(token, record);
      }
      owned = true;
      return new DatabaseLock(
          directory,
          token,
          record,
          access,
          request,
          network,
          clock,
          polling.elapsed(),
          old,
          afterwards());
    } catch (IOException e) {
      throw LockManager.failed("cannot lock " + directory.paths().database(), e);
    } finally {
      if (!owned) {
        stopWaiting();
        directory.abandon(token); // A5
      }
    }
  }

  /** What was written at A1 need not be written again before that. */
  private Duration young() {
    return Duration.ofMillis(request.times().heartbeatInterval().toMillis() / 2);
  }

  /** What the owner need not wait for; null where there is nothing. */
  private @Nullable Runnable afterwards() {
    Waiting ended = waiting;
    waiting = null;
    // Rarely: with many who wait, to look at all their private directories takes as long as a turn.
    boolean sweeps = obstacle.hasBroken() || token.hex().endsWith("00");
    if (ended == null && !sweeps) {
      return null;
    }
    return () -> {
      if (ended != null) {
        ended.close();
      }
      if (sweeps) {
        new Leftovers(directory, processes).sweep();
      }
    };
  }

  private void stopWaiting() {
    Waiting ended = waiting;
    waiting = null;
    if (ended != null) {
      ended.close();
    }
  }

  /** A2 to A4 once. */
  private boolean attempt() throws IOException {
    if (obstacle.sight() != null && !directory.preparedExists(token)) {
      // Somebody has taken a reservation over (E1). To win A2 without it would be in one's own way.
      startAnew();
      return false;
    }
    long before = clock.nanoTime();
    if (renameReplaces && !takeOver && !directory.reserve()) {
      return false;
    }
    takeOver = false;
    if (clock.nanoTime() - before > MOST_BETWEEN.toNanos()) {
      // Stopped for so long: the reservation may be another's by now.
      directory.abandon(token);
      startAnew();
      return false;
    }
    return claim();
  }

  /** A token is never used twice. */
  private void startAnew() throws IOException {
    stopWaiting();
    polling.pause(null); // not in step with whoever did the same to this one
    token = LockToken.of(processes.self());
    record = newRecord();
    prepare();
  }

  /** A1. Who is stopped in it for long finds its private directory taken away (E1). */
  private void prepare() throws IOException {
    for (int i = 1; ; i++) {
      try {
        directory.prepare(token, record);
        return;
      } catch (FileSystemException e) {
        boolean evicted = e instanceof NoSuchFileException || PlainFiles.isStaleHandle(e);
        if (i == PREPARATIONS || !evicted) {
          throw e;
        }
        token = LockToken.of(processes.self());
        record = newRecord();
      }
    }
  }

  private boolean claim() throws IOException {
    if (directory.claim(token) || checkPatiently()) {
      return true;
    }
    if (!directory.preparedExists(token)) {
      // Published, and broken before we looked; or evicted before A3 (E1).
      startAnew();
    } else if (renameReplaces && isOwnReservation(directory.classify())) {
      // A2 made room and A3 did not take it: does rename refuse empty directories here?
      renameReplaces = directory.renameReplacesEmpty();
      if (!renameReplaces) {
        directory.removeEmpty(); // what A2 made just now: nobody else's rename can have taken it
      }
    }
    return false;
  }

  /** What A2 made, and A3 should have replaced; without write bits, where there are any. */
  private static boolean isOwnReservation(LockState state) {
    return state instanceof LockState.Reserved
        || (state instanceof LockState.Other other && other.kind() == OtherLock.EMPTY_DIRECTORY);
  }

  private boolean checkPatiently() throws IOException {
    // Published or not? Only an answer tells, and without one this process must not go on.
    return Answer.to(
        () -> directory.checkClaimed(token), clock, Polling.NETWORK_POLL, request.cancellation());
  }

  private void onBusy() throws IOException {
    switch (obstacle.react()) {
      case GONE -> {}
      case OUTLIVED -> {
        // Whoever made it crashed between A2 and A3. With rename, A3 takes it as it is.
        if (!renameReplaces) {
          directory.removeEmpty();
        } else if (obstacle.mayTakeOver(token)) {
          takeOver = true;
        } else {
          obstacle.outwait(polling);
        }
      }
      case STANDS -> outwait();
    }
  }

  private void outwait() {
    Waiting now = waiting;
    if (now != null) {
      now.outwait(obstacle, polling);
    } else if (polling.elapsed().compareTo(network ? UNSEEN_ON_NETWORK : UNSEEN) < 0
        || polling.isOutOfTime(obstacle.holder())) {
      obstacle.outwait(polling);
    } else {
      waiting = new Waiting(directory, obstacle.waiters(), token, record, clock);
    }
  }

  private OwnerRecord newRecord() {
    OwnerRecord made =
        OwnerRecord.of(
            processes.self(),
            token,
            directory.paths().databaseName(),
            access,
            request,
            clock.timestamp());
    return keeps ? made.withKeeps(true) : made;
  }
}
