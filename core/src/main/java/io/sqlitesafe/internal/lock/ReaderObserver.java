package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.lock.ReaderDirectory.Marker;
import io.sqlitesafe.internal.lock.StaleJudge.Observation;
import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One participant's view of the readers over time, as {@link LockObserver} is of the exclusive
 * lock: the value of a reader is content and time of its marker. Not thread-safe.
 */
final class ReaderObserver {
  private final ReaderDirectory readers;
  private final ProcessTable processes;
  private final StaleJudge judge;
  private final LockTimes times;
  private final Clock clock;
  private final Map<LockToken, QuietTime> quiet = new HashMap<>();

  ReaderObserver(ReaderDirectory readers, ProcessTable processes, LockTimes times, Clock clock) {
    this.readers = readers;
    this.processes = processes;
    this.times = times;
    this.judge = new StaleJudge(times, AccessMode.NETWORK_EXCLUSIVE);
    this.clock = clock;
  }

  /** One reader, with its judgement. */
  record Sight(Holder reader, Verdict verdict, Marker value, Life life) {}

  /** All readers that are in. */
  List<Sight> look() throws IOException {
    List<LockToken> tokens = readers.list();
    quiet.keySet().retainAll(tokens);
    List<Sight> sights = new ArrayList<>();
    for (LockToken token : tokens) {
      sights.add(look(token));
    }
    return sights;
  }

  Sight look(LockToken token) throws IOException {
    Marker marker = readers.read(token);
    OwnerRecord record = record(marker.content());
    OwnerRecord speaking = record != null && record.speaksFor(token) ? record : null;
    Duration age =
        marker.modified() == null
            ? null
            : Duration.ofMillis(readers.barrier().toMillis() - marker.modified().toMillis());
    Life life = speaking == null ? Life.UNKNOWN : processes.lifeOf(speaking);
    Duration unchanged =
        quiet
            .computeIfAbsent(token, t -> new QuietTime(times.heartbeatInterval()))
            .sample(marker, clock.nanoTime());
    Verdict verdict =
        judge.judge(new Observation(new LockState.Held(token), speaking, life, age, unchanged));
    return new Sight(new Holder(token, speaking, age), verdict, marker, life);
  }

  private static @Nullable OwnerRecord record(@Nullable String content) {
    return content == null
        ? null
        : OwnerRecord.parse(content.getBytes(StandardCharsets.ISO_8859_1));
  }
}
