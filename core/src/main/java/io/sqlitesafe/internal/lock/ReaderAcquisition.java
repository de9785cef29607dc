package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to get a shared lock: R1 to R3 of protocol section 10.1. Used once, by one thread.
 */
final class ReaderAcquisition {
  private final LockDirectory directory;
  private final ReaderDirectory readers;
  private final ProcessTable processes;
  private final Clock clock;
  private final LockRequest request;
  private final Obstacle obstacle;
  private final Polling polling;
  private final TakeOver takeOver;

  ReaderAcquisition(
      LockDirectory directory,
      ReaderDirectory readers,
      ProcessTable processes,
      boolean network,
      Clock clock,
      LockRequest request,
      TakeOver takeOver) {
    this.takeOver = takeOver;
    this.directory = directory;
    this.readers = readers;
    this.processes = processes;
    this.clock = clock;
    this.request = request;
    this.obstacle =
        new Obstacle(directory, processes, network, AccessMode.NETWORK_EXCLUSIVE, clock, request);
    this.polling = new Polling(network, clock, request);
  }

  HeldReaderLock run() {
    request.cancellation().throwIfRequested();
    try {
      while (true) {
        if (isFree()) { // R1
          HeldReaderLock lock = attempt();
          if (lock != null) {
            return lock;
          }
        }
        onBusy();
      }
    } catch (NoSuchFileException unmarked) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          directory.paths().database() + " is not marked for network-exclusive access (any more)",
          "run it again",
          unmarked);
    } catch (IOException e) {
      throw LockManager.failed("cannot lock " + directory.paths().database() + " for reading", e);
    }
  }

  /** R2 and R3; null where a writer came in between, to which the reader gives way. */
  private @Nullable HeldReaderLock attempt() throws IOException {
    LockToken token = LockToken.random();
    OwnerRecord record =
        OwnerRecord.of(
            processes.self(),
            token,
            directory.paths().databaseName(),
            AccessMode.NETWORK_EXCLUSIVE,
            request,
            clock.timestamp());
    boolean in = false;
    try {
      readers.mark(token, record);
      in = confirmed();
      return in
          ? new HeldReaderLock(readers, token, record, request, clock, polling.elapsed())
          : null;
    } finally {
      if (!in) {
        readers.remove(token, Step.SHARE_RELEASE);
      }
    }
  }

  private boolean confirmed() throws IOException {
    directory.listener().before(Step.SHARE_CONFIRM);
    directory.barrier();
    return directory.classify() instanceof LockState.Absent;
  }

  private boolean isFree() throws IOException {
    directory.listener().before(Step.SHARE_LOOK);
    return directory.classify() instanceof LockState.Absent;
  }

  private void onBusy() throws IOException {
    switch (obstacle.react()) {
      case GONE -> {}
      case OUTLIVED -> takeOver.run(request);
      case STANDS -> obstacle.outwait(polling);
    }
  }
}
