package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.Cancellation;
import java.io.IOException;
import java.time.Duration;

/** Rule O3: an unknown answer is asked for again for a while, and is never a yes. */
final class Answer {
  /** How often is asked before it is given up. */
  static final int MOST = 20;

  /** Between two times, where the lock is held and nobody waits for it. */
  static final Duration PAUSE = Duration.ofMillis(250);

  private Answer() {}

  /** What can be answered by looking at files; an exception is no answer. */
  interface Question {
    boolean ask() throws IOException;
  }

  /** Asks about a lock that is held. Nobody's request to stop spares the answer. */
  static boolean to(Question question, Clock clock) throws IOException {
    return to(question, clock, PAUSE, new Cancellation());
  }

  static boolean to(Question question, Clock clock, Duration pause, Cancellation cancellation)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return question.ask();
      } catch (IOException unknown) {
        if (attempt == MOST) {
          throw unknown;
        }
        clock.sleep(pause, cancellation);
      }
    }
  }
}
