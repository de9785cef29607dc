package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.Cancellation;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Wakes a waiter when the lock directory goes, in place of looking for it again and again. The
 * kernel tells only of what is done on this host, and it may have no watch to give away; so it is a
 * short cut, and whoever waits looks now and then all the same. For one thread.
 */
final class ReleaseWatch implements AutoCloseable, Polling.Waker {
  private final WatchService service;
  private final Path name;

  private ReleaseWatch(WatchService service, Path name) {
    this.service = service;
    this.name = name;
  }

  /**
   * Watches from now on, so that the caller has to try once more before it waits. Null where that
   * is not to be had.
   */
  static @Nullable ReleaseWatch of(LockPaths paths) {
    Path name = paths.lock().getFileName();
    WatchService service = null;
    try {
      service = paths.directory().getFileSystem().newWatchService();
      paths.directory().register(service, StandardWatchEventKinds.ENTRY_DELETE);
      return name == null ? null : new ReleaseWatch(service, name);
    } catch (IOException | UnsupportedOperationException none) {
      close(service); // too many of them, for one
      return null;
    }
  }

  /**
   * Waits until the lock directory has gone, at most for that long; or throws the request's error
   * as soon as there is one.
   */
  @Override
  public void await(Duration most, Cancellation cancellation) {
    long end = System.nanoTime() + most.toNanos();
    try (Cancellation.Registration stop = cancellation.onRequest(this::close)) {
      for (long rest = most.toNanos(); rest > 0; rest = end - System.nanoTime()) {
        WatchKey key = service.poll(rest, TimeUnit.NANOSECONDS);
        if (key == null || isAbout(key)) {
          break;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      cancellation.sleep(Duration.ZERO);
    } catch (ClosedWatchServiceException stopped) {
      // The request is thrown below.
    }
    cancellation.throwIfRequested();
  }

  private boolean isAbout(WatchKey key) {
    boolean found = false;
    for (WatchEvent<?> event : key.pollEvents()) {
      found |= event.kind() == StandardWatchEventKinds.OVERFLOW || name.equals(event.context());
    }
    return !key.reset() || found;
  }

  @Override
  public void close() {
    close(service);
  }

  private static void close(@Nullable WatchService service) {
    try {
      if (service != null) {
        service.close();
      }
    } catch (IOException gone) {
      // It is of no more use.
    }
  }
}
