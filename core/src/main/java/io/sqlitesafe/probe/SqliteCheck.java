package io.sqlitesafe.probe;

import io.sqlitesafe.mount.Use;
import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What trusted access relies on: POSIX locks, and SQLite with two writers. */
final class SqliteCheck {
  private SqliteCheck() {}

  /** One side must not get what the other has, and get it afterwards. */
  static Finding locks(Pair pair) throws IOException {
    String busyThere = held(pair.own().run(List.of("lock", "range")), pair, "range");
    pair.own().run(List.of("unlock"));
    String after = pair.peer().call("lock", "range").get(0);
    String busyHere = pair.own().run(List.of("lock", "range")).get(0);
    pair.own().run(List.of("unlock"));
    pair.peer().call("unlock");
    boolean excluded = busyThere.equals("busy") && busyHere.equals("busy");
    boolean released = after.equals("locked");
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("whileHeldHere", busyThere);
    data.put("whileHeldThere", busyHere);
    data.put("afterRelease", after);
    return new Finding(
        "posix-locks",
        excluded && released ? Finding.State.GOOD : Finding.State.BAD,
        !excluded
            ? "both sides get the same lock"
            : released ? "each side keeps the other out" : "a lock that was released stays",
        data,
        List.of(Use.TRUSTED_ROLLBACK, Use.TRUSTED_WAL));
  }

  private static String held(List<String> own, Pair pair, String file) throws IOException {
    if (!own.get(0).equals("locked")) {
      throw new IOException("nobody else holds the lock, and it cannot be had");
    }
    return pair.peer().call("lock", file).get(0);
  }

  /** Both write to one scratch database for a while. */
  static Finding writers(Pair pair, String journal, Use use) throws IOException {
    String file = journal + ".db";
    try {
      Commits.create(pair.own().path(file), journal);
    } catch (SQLException | io.sqlitesafe.error.SqliteSafeException e) {
      throw new IOException("cannot create a database: " + e.getMessage(), e);
    }
    long end = Clocks.now() + pair.writing().toMillis() * 1000;
    Pair.Both both = pair.bothUntil(end, "commit", file);
    Commits.Done own = Commits.Done.of(both.own());
    Commits.Done other = Commits.Done.of(both.other());
    String problem = Commits.verify(pair.own().path(file), own.done() + other.done());
    return judge("sqlite-" + journal, use, own, other, problem);
  }

  /** Both count up a file under the lock of the protocol. */
  static Finding counters(Pair pair, String how, Use use) throws IOException {
    String file = how + ".counter";
    LockedCounter.create(pair.own().path(file));
    long end = Clocks.now() + pair.writing().toMillis() * 1000;
    Pair.Both both = pair.bothUntil(end, "count", file, how);
    Commits.Done own = Commits.Done.of(both.own());
    Commits.Done other = Commits.Done.of(both.other());
    int reported = own.done() + other.done();
    long found = LockedCounter.read(pair.own().path(file));
    String problem =
        found < reported ? (reported - found) + " of " + reported + " commits lost" : "";
    return judge("locked-" + how, use, own, other, problem);
  }

  static Finding judge(
      String check, Use use, Commits.Done own, Commits.Done other, String problem) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("commitsHere", own.done());
    data.put("commitsThere", other.done());
    data.put("errorHere", own.error().isEmpty() ? null : own.error());
    data.put("errorThere", other.error().isEmpty() ? null : other.error());
    String unable = unable(own, other);
    String text =
        !problem.isEmpty()
            ? problem
            : !unable.isEmpty()
                ? unable
                : own.done() + " commits here, " + other.done() + " there, none lost";
    boolean good = problem.isEmpty() && unable.isEmpty();
    return new Finding(
        check, good ? Finding.State.GOOD : Finding.State.BAD, text, data, List.of(use));
  }

  /** That a side had no turn is no fault of the file system; that it got errors only is. */
  private static String unable(Commits.Done own, Commits.Done other) {
    if (own.done() == 0 && !own.error().isEmpty()) {
      return "this side cannot write: " + own.error();
    }
    if (other.done() == 0 && !other.error().isEmpty()) {
      return "the other side cannot write: " + other.error();
    }
    return own.done() + other.done() == 0 ? "neither side could write" : "";
  }
}
