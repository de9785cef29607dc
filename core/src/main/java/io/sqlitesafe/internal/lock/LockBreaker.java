package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.LockToken;
import java.io.IOException;

/**
 * BREAK of protocol section 7. Breaking gives no ownership: whoever breaks goes on to acquire like
 * anybody else.
 */
public final class LockBreaker {
  private LockBreaker() {}

  /**
   * Breaks what was judged stale, after one more look that must show the same value: between the
   * judgement and this moment the owner may have beaten.
   *
   * @return false where the value has changed, so that nothing was done
   */
  public static boolean breakStale(
      LockDirectory directory, LockObserver observer, LockObserver.Sight judged)
      throws IOException {
    LockObserver.Sight again = observer.look();
    if (!(again.verdict() instanceof Verdict.Stale stale)
        || judged.value() == null
        || !judged.value().equals(again.value())) {
      return false;
    }
    remove(directory, stale.token());
    return true;
  }

  /**
   * Without judgement, on a person's word; the token in the claim's name makes it hit that very
   * lock or nothing.
   */
  static void remove(LockDirectory directory, LockToken token) throws IOException {
    directory.removeClaim(token);
    directory.clean();
    directory.removeImage(token);
  }
}
