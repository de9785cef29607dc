package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.lock.StaleJudge.Observation;
import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One participant's view of the lock over time: looks, remembers for how long nothing has moved,
 * and lets the {@link StaleJudge} judge. Not thread-safe.
 */
public final class LockObserver {
  private final LockDirectory directory;
  private final ProcessTable processes;
  private final StaleJudge judge;
  private final QuietTime quietTime;
  private final Clock clock;

  public LockObserver(
      LockDirectory directory,
      ProcessTable processes,
      AccessMode access,
      LockTimes times,
      Clock clock) {
    this.directory = directory;
    this.processes = processes;
    this.judge = new StaleJudge(times, access);
    this.quietTime = new QuietTime(times.heartbeatInterval());
    this.clock = clock;
  }

  /**
   * A look with its judgement.
   *
   * @param holder null unless held
   */
  public record Sight(
      Observation seen, Verdict verdict, @Nullable Holder holder, @Nullable Object value) {}

  public Sight look() throws IOException {
    LockState state = directory.classify();
    if (state instanceof LockState.Held held) {
      return lookAtHolder(held);
    }
    LockDirectory.Presence there = directory.presence();
    Object value = there == null ? state : there; // removed and made again is another one
    Duration quiet = quietTime.sample(value, clock.nanoTime());
    Duration age = there == null || isTidied(state) ? null : age(there.modified());
    Observation seen = new Observation(state, null, Life.UNKNOWN, age, quiet);
    return new Sight(seen, judge.judge(seen), null, value);
  }

  private static boolean isTidied(LockState state) {
    return state instanceof LockState.Absent || state instanceof LockState.Dead;
  }

  private @Nullable Duration age(@Nullable FileTime time) throws IOException {
    return time == null
        ? null
        : Duration.ofMillis(directory.barrier().toMillis() - time.toMillis());
  }

  private Sight lookAtHolder(LockState.Held held) throws IOException {
    byte[] text = directory.readRecord();
    OwnerRecord record = text == null ? null : OwnerRecord.parse(text);
    OwnerRecord speaking = record != null && record.speaksFor(held.token()) ? record : null;
    LockDirectory.Pulse pulse = directory.readPulse(held.token());
    Duration age = age(pulse.modified());
    Life life = speaking == null ? processes.lifeByToken(held.token()) : processes.lifeOf(speaking);
    if (life == Life.DEAD && !Arrays.equals(text, directory.readRecord())) {
      // Written anew after it was read and before its process was looked for: perhaps by one that
      // has named its worker and ended. The next look judges what it says now.
      life = Life.UNKNOWN;
    }
    Object value = new Value(held.token(), pulse);
    Duration quiet = quietTime.sample(value, clock.nanoTime());
    Observation seen = new Observation(held, speaking, life, age, quiet);
    return new Sight(seen, judge.judge(seen), new Holder(held.token(), speaking, age), value);
  }

  /** The value of HELD(t) whose constancy is the quiet time. */
  private record Value(LockToken token, LockDirectory.Pulse pulse) {}
}
