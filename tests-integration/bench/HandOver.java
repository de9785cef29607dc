import io.sqlitesafe.SafeDatabase;
import java.nio.file.Path;

/**
 * Holds the lock again and again, and prints of each time when it was owned and when it was given
 * back, by the clock that all processes of a machine share. Run by handover.sh.
 */
final class HandOver {
  public static void main(String[] args) throws Exception {
    SafeDatabase safe = SafeDatabase.of(Path.of(args[0]));
    StringBuilder times = new StringBuilder();
    for (int i = Integer.parseInt(args[1]); i > 0; i--) {
      long[] time = new long[2];
      safe.withLock(
          lock -> {
            time[0] = System.nanoTime();
            pause();
            time[1] = System.nanoTime();
            return null;
          });
      times.append(args[2]).append(' ').append(time[0]).append(' ').append(time[1]).append('\n');
    }
    System.out.print(times);
  }

  /** Long enough for the other one to be waiting. */
  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
