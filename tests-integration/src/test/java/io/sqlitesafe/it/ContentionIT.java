package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Python;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import io.sqlitesafe.it.kit.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many writers on one file: every increment counts, none fails, nothing is left behind. */
class ContentionIT {
  private static final String INCREMENT = "UPDATE counter SET n = n + 1";

  /** A script of the kind that will use this: a loop that stops at the first failure. */
  private static final String LOOP =
      "i=0; while [ $i -lt $TIMES ]; do i=$((i+1)); \"$@\" || exit; done";

  @TempDir Path directory;

  /** Most of its time is the start of the program: 16 times 50 is {@link BatchIT}'s. */
  @Test
  void sixteenScripts() {
    Path db = Db.counter(directory);
    int times = Cli.LONG ? 50 : 10;
    Group group = new Group();
    group.add(16, loop(times, Cli.launcher(), "write", "--wait", "5m", db, INCREMENT));
    group.awaitAll();
    assertCounter(db, 16L * times);
  }

  @ParameterizedTest
  @CsvSource({"1, 16, 0, 50", "1, 0, 16, 50", "4, 4, 4, 25"})
  void javaProcesses(int processes, int shared, int own, int times) {
    Path db = Db.counter(directory);
    Group group = new Group();
    group.add(processes, Worker.program("increment", db, shared, own, times));
    group.awaitAll();
    assertCounter(db, (long) processes * (shared + own) * times);
  }

  @Test
  void onlyTheLockGuardsWhatRunsInside() throws IOException {
    Path db = Db.counter(directory);
    Path plain = Files.writeString(directory.resolve("plain"), "0\n");
    String script = "read n < \"$1\"; echo $((n+1)) > \"$1\"";
    Group group = new Group();
    group.add(
        6,
        loop(
            15,
            Cli.launcher(),
            "with-lock",
            "--wait",
            "5m",
            db,
            "--",
            "sh",
            "-c",
            script,
            "sh",
            plain));
    group.awaitAll();
    assertEquals("90", Files.readString(plain).strip());
    Db.assertNoLeftovers(db);
  }

  @Test
  void oneSumWithAParticipantOfAnotherMake() {
    assumeTrue(Program.exists("python3"), "python3 is not installed");
    Path db = Db.counter(directory);
    Group group = new Group();
    group.add(3, Python.participant("increment", "--wait", 600, "--carry", "--count", 40, db));
    group.add(3, loop(20, Cli.launcher(), "write", "--wait", "10m", db, INCREMENT));
    group.add(2, Worker.program("carry", db, 40));
    group.awaitAll();
    assertCounter(db, 3 * 40 + 3 * 20 + 2 * 40);
  }

  private static Program loop(int times, Object... command) {
    List<Object> words = new ArrayList<>(List.of("sh", "-c", LOOP, "sh"));
    words.addAll(List.of(command));
    return Program.of(words.toArray()).with("TIMES", Integer.toString(times));
  }

  private static void assertCounter(Path db, long expected) {
    assertEquals(expected, Db.integer(db, "SELECT n FROM counter"));
    Db.assertSound(db);
    Db.assertNoLeftovers(db);
  }

  /** Programs that run at the same time, of which each must succeed. */
  private static final class Group {
    private final List<Running> members = new ArrayList<>();

    void add(int count, Program program) {
      for (int i = 0; i < count; i++) {
        members.add(program.start());
      }
    }

    void awaitAll() {
      List<Result> results = members.stream().map(Running::await).toList();
      results.forEach(result -> result.exits(0));
    }
  }
}
