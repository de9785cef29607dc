package io.sqlitesafe.conformance;

import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.Clock;
import io.sqlitesafe.internal.lock.DatabaseLock;
import io.sqlitesafe.internal.lock.LockBreaker;
import io.sqlitesafe.internal.lock.LockDirectory;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockObserver;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.internal.lock.LockState;
import io.sqlitesafe.internal.lock.Obstacle;
import io.sqlitesafe.internal.lock.ProcessTable;
import io.sqlitesafe.internal.lock.StaleJudge;
import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OtherLock;
import io.sqlitesafe.lock.OwnerRecord;
import io.sqlitesafe.lock.ProcessIdentity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The lock of the library behind the line protocol of the conformance kit. */
public final class Conformance {
  private final ProcessTable processes = ProcessTable.ofThisHost();
  private LockPaths paths;
  private LockDirectory directory;
  private LockToken token;
  private OwnerRecord record;
  private Connection connection;
  private DatabaseLock lock;
  private LockObserver observer;
  private LockObserver.Sight sight;
  private Obstacle reservation;
  private final Sleeper clock = new Sleeper();

  /** The clocks of a host that has slept: one has gone on, the other stood still. */
  private static final class Sleeper implements Clock {
    private volatile Duration slept = Duration.ZERO;

    @Override
    public long nanoTime() {
      return SYSTEM.nanoTime();
    }

    @Override
    public long wallMillis() {
      return SYSTEM.wallMillis() + slept.toMillis();
    }

    @Override
    public void sleep(Duration time, io.sqlitesafe.error.Cancellation cancellation) {
      SYSTEM.sleep(time, cancellation);
    }
  }

  public static void main(String[] words) throws IOException {
    Conformance participant = new Conformance();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(participant.answer(line));
    }
  }

  private String answer(String line) {
    int blank = line.indexOf(' ');
    String word = blank < 0 ? line : line.substring(0, blank);
    String rest = blank < 0 ? "" : line.substring(blank + 1);
    try {
      return switch (word) {
        case "hello" -> "hello " + OwnerRecord.PROTOCOL + " trusted sleeps beats names";
        case "open" -> open(rest);
        case "judge" -> judge(rest);
        case "look" -> look();
        case "take-over" -> Boolean.toString(takeOver());
        case "break" -> LockBreaker.breakStale(directory, observer, sight) ? "broken" : "changed";
        case "prepare" -> prepare();
        case "reserve" -> directory.reserve() ? "yes" : "no";
        case "publish" -> {
          directory.claim(token);
          yield "done";
        }
        case "check" -> Boolean.toString(directory.check(token));
        case "beat" -> Boolean.toString(directory.beat(token, 1, record));
        case "release" -> {
          directory.release(token, true);
          yield "done";
        }
        case "unlink-claim" -> {
          directory.removeClaim(new LockToken(rest));
          yield "done";
        }
        case "clean" -> {
          directory.clean();
          yield classify();
        }
        case "classify" -> classify();
        case "acquire" -> acquire(rest);
        case "wake" -> {
          clock.slept = clock.slept.plusSeconds(Long.parseLong(rest));
          yield Boolean.toString(lock.isHeld());
        }
        default -> sql(word, rest);
      };
    } catch (IOException | SQLException | SqliteSafeException e) {
      String message = String.valueOf(e.getMessage());
      return message.contains("SQLITE_BUSY") ? "busy" : "error " + message.replace('\n', ' ');
    }
  }

  private String open(String database) throws IOException {
    paths = LockPaths.of(Path.of(database));
    directory = new LockDirectory(paths, step -> {});
    return "done";
  }

  private OwnerRecord newRecord() {
    LockRequest request = LockRequest.defaults("conformance");
    return OwnerRecord.of(
        processes.self(),
        token,
        String.valueOf(paths.database().getFileName()),
        AccessMode.TRUSTED,
        request,
        Clock.SYSTEM.timestamp());
  }

  private String prepare() throws IOException {
    token = LockToken.random();
    record = newRecord();
    directory.prepare(token, record);
    return "prepared " + token;
  }

  private String classify() throws IOException {
    LockState state = directory.classify();
    if (state instanceof LockState.Other other) {
      return "class " + word(other.kind());
    }
    String name = state.getClass().getSimpleName().toUpperCase(Locale.ROOT);
    return "class " + name + (state instanceof LockState.Held held ? " " + held.token() : "");
  }

  private static String word(OtherLock kind) {
    return kind == OtherLock.EMPTY_DIRECTORY ? "EMPTY" : kind == OtherLock.FILE ? "FILE" : "HELD";
  }

  // ---- what it does with what it has seen ------------------------------------------------------

  private String look() throws IOException {
    LockTimes times = LockTimes.DEFAULT;
    observer = new LockObserver(directory, processes, AccessMode.TRUSTED, times, Clock.SYSTEM);
    sight = observer.look();
    if (sight.verdict() instanceof Verdict.Reserved) {
      LockRequest request = LockRequest.defaults("conformance");
      reservation =
          new Obstacle(directory, processes, false, AccessMode.TRUSTED, Clock.SYSTEM, request);
      reservation.react();
    }
    return "verdict " + text(sight.verdict());
  }

  private boolean takeOver() throws IOException {
    if (!reservation.mayTakeOver(token)) {
      return false;
    }
    directory.claim(token);
    return directory.check(token);
  }

  private String acquire(String seconds) {
    LockRequest request =
        LockRequest.defaults("conformance")
            .withPatience(Duration.ofSeconds(Long.parseLong(seconds)));
    try {
      lock = LockManager.forTest(paths, step -> {}, processes, true, clock).acquire(request);
      token = lock.token(); // never closed: the kit releases, or kills
      record = newRecord();
      return "acquired " + token;
    } catch (SqliteSafeException e) {
      return e.kind() == io.sqlitesafe.error.ErrorKind.LOCK_BUSY
          ? "busy"
          : "error " + e.getMessage();
    }
  }

  // ---- judging with facts that the kit makes up ----------------------------------------------

  private String judge(String words) throws IOException {
    Map<String, String> facts = new HashMap<>();
    for (String word : words.split(" ")) {
      facts.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
    }
    ProcessIdentity self =
        new ProcessIdentity(
            1,
            facts.get("hostname"),
            "1",
            facts.get("boot"),
            facts.get("namespace"),
            facts.get("timens"),
            facts.get("machine"));
    LockState state = directory.classify();
    OwnerRecord owner = directory.readOwner();
    OwnerRecord speaking =
        state instanceof LockState.Held held && owner != null && owner.speaksFor(held.token())
            ? owner
            : null;
    Life life = speaking == null ? Life.UNKNOWN : processes(facts, speaking, self).lifeOf(speaking);
    FileTime beaten =
        state instanceof LockState.Held held ? directory.readPulse(held.token()).modified() : null;
    Duration age =
        beaten == null
            ? null
            : Duration.ofMillis(directory.barrier().toMillis() - beaten.toMillis());
    Duration quiet = Duration.ofSeconds(Long.parseLong(facts.get("quiet")));
    return "verdict "
        + text(
            new StaleJudge(LockTimes.DEFAULT, AccessMode.TRUSTED)
                .judge(new StaleJudge.Observation(state, speaking, life, age, quiet)));
  }

  /** A {@code /proc} that shows what the facts say; "forbidden" is what hidepid shows. */
  private static ProcessTable processes(
      Map<String, String> facts, OwnerRecord record, ProcessIdentity self) throws IOException {
    Path proc = Files.createTempDirectory("proc");
    String owner = facts.get("process");
    if (!owner.equals("forbidden")) {
      process(proc, 1, "1");
    }
    show(proc, record.process().pid(), owner);
    if (record.worker() != null) {
      show(proc, record.worker().pid(), facts.getOrDefault("worker", "absent"));
    }
    String itself = "alien".equals(facts.get("proc")) ? "4711" : Long.toString(self.pid());
    Path link = Files.createSymbolicLink(proc.resolve("self"), Path.of(itself));
    return ProcessTable.of(proc, link, self);
  }

  private static void show(Path proc, long pid, String state) throws IOException {
    if (state.startsWith("alive:")) {
      process(proc, pid, state.substring("alive:".length()));
    }
  }

  private static void process(Path proc, long pid, String start) throws IOException {
    Path folder = Files.createDirectories(proc.resolve(Long.toString(pid)));
    Files.createDirectories(folder.resolve("task").resolve(Long.toString(pid)));
    Files.writeString(
        folder.resolve("stat"), pid + " (x) S" + " 0".repeat(18) + " " + start + " 0");
  }

  private static String text(Verdict verdict) {
    if (verdict instanceof Verdict.Stale stale) {
      return "STALE " + stale.evidence().name().toLowerCase(Locale.ROOT);
    }
    if (verdict instanceof Verdict.Held held) {
      return "HELD " + held.evidence().name().toLowerCase(Locale.ROOT);
    }
    if (verdict instanceof Verdict.Reserved reserved) {
      return reserved.missing().isZero() ? "TAKEOVER none" : "RESERVED none";
    }
    if (verdict instanceof Verdict.Other other) {
      return word(other.kind()) + " operator";
    }
    if (verdict instanceof Verdict.Free) {
      return "ABSENT none";
    }
    return verdict instanceof Verdict.CleanNow ? "DEAD none" : "FOREIGN operator";
  }

  // ---- SQLite --------------------------------------------------------------------------------

  private String sql(String word, String value) throws SQLException {
    return switch (word) {
      case "drain" -> {
        run("BEGIN IMMEDIATE");
        yield run("ROLLBACK");
      }
      case "begin" -> run("BEGIN IMMEDIATE");
      case "set" -> run("UPDATE counter SET n = " + Long.parseLong(value));
      case "commit", "rollback" -> run(word);
      case "read" -> read();
      default -> "error unknown request " + word;
    };
  }

  private Statement statement() throws SQLException {
    if (connection == null) {
      connection = DriverManager.getConnection("jdbc:sqlite:" + paths.database());
    }
    return connection.createStatement();
  }

  private String run(String sql) throws SQLException {
    try (Statement statement = statement()) {
      statement.execute("PRAGMA busy_timeout=0");
      statement.execute(sql);
      return "done";
    }
  }

  private String read() throws SQLException {
    try (Statement statement = statement();
        ResultSet row = statement.executeQuery("SELECT n FROM counter")) {
      return "value " + row.getLong(1);
    }
  }
}
