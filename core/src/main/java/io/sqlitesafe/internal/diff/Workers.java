package io.sqlitesafe.internal.diff;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.diff.PageFile.Unexpected;
import io.sqlitesafe.internal.host.Threads;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Several threads that take pieces of work one after the other, each with tools of its own.
 *
 * @param <T> the tools
 */
final class Workers<T> {
  private final Queue<Piece<T>> pieces;
  private final Cancellation cancellation;
  private @Nullable Throwable trouble;

  private Workers(Queue<Piece<T>> pieces, Cancellation cancellation) {
    this.pieces = pieces;
    this.cancellation = cancellation;
  }

  /** A piece of work, done with one thread's tools. */
  interface Piece<T> {
    void run(T tools) throws SQLException, Unexpected;
  }

  /**
   * Does all pieces.
   *
   * @param tools one for each thread; the caller's thread is the first
   * @throws Unexpected where a piece did, as with the other exceptions; the rest was left undone
   */
  static <T> void run(List<T> tools, Queue<Piece<T>> pieces, Cancellation cancellation)
      throws SQLException, Unexpected {
    Workers<T> workers = new Workers<>(pieces, cancellation);
    List<Thread> threads = new ArrayList<>();
    for (T each : tools.subList(1, tools.size())) {
      Thread thread = new Thread(() -> workers.work(each), "changeset export");
      thread.start();
      threads.add(thread);
    }
    workers.work(tools.get(0));
    threads.forEach(Threads::join);
    workers.throwTrouble();
  }

  private synchronized @Nullable Piece<T> next() {
    return trouble == null ? pieces.poll() : null;
  }

  private synchronized void note(Throwable e) {
    if (trouble == null) {
      trouble = e;
    }
  }

  private void work(T tools) {
    try {
      for (Piece<T> piece = next(); piece != null; piece = next()) {
        cancellation.throwIfRequested();
        piece.run(tools);
      }
    } catch (SQLException | Unexpected | RuntimeException | Error e) {
      note(e);
    }
  }

  private synchronized void throwTrouble() throws SQLException, Unexpected {
    cancellation.throwIfRequested();
    if (trouble instanceof Unexpected e) {
      throw e;
    }
    if (trouble instanceof SQLException e) {
      throw e;
    }
    if (trouble instanceof RuntimeException e) {
      throw e;
    }
    if (trouble instanceof Error e) {
      throw e;
    }
  }
}
