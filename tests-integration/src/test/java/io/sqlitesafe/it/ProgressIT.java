package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What takes long shows bytes that move, in each of its phases. */
class ProgressIT {
  /** Makes each read of SQLite's last so long that there is something to see of a small file. */
  private static final List<String> SLOWLY =
      List.of(
          "strace",
          "-f",
          "-qq",
          "-o",
          "/dev/null",
          "-e",
          "trace=pread64",
          "-e",
          "inject=pread64:delay_exit=700");

  private static final long PAGE = 4096;

  @TempDir Path directory;

  private Path database() {
    assumeTrue(
        Program.exists("strace") && Program.of("true").behind(SLOWLY).run().exit() == 0,
        "strace cannot slow anything down here");
    return Db.create(
        directory,
        "app.db",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
        "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r LIMIT 3000)"
            + " INSERT INTO t SELECT i, randomblob(3500) FROM r");
  }

  @ParameterizedTest
  @CsvSource({
    "integrity-check app.db, checking",
    "doctor app.db, checking",
    "vacuum-into app.db v.db, copying verifying",
    "backup app.db b.db, verifying",
    "restore app.db r.db, verifying"
  })
  void moves(String line, String phases) {
    database();
    List<Object> words = new ArrayList<>(List.of((Object[]) line.split(" ")));
    words.addAll(List.of("--json", "--progress", "always"));
    Result result = Cli.command(words.toArray()).in(directory).behind(SLOWLY).run();
    Map<String, List<Long>> done = new LinkedHashMap<>();
    result
        .err()
        .lines()
        .map(Json::object)
        .filter(each -> "progress".equals(each.get("type")))
        .forEach(
            each ->
                done.computeIfAbsent(String.valueOf(each.get("phase")), first -> new ArrayList<>())
                    .add((Long) each.get("doneBytes")));
    for (String phase : phases.split(" ")) {
      Set<Long> pages = new TreeSet<>();
      done.getOrDefault(phase, List.of()).forEach(bytes -> pages.add(bytes / PAGE));
      assertTrue(pages.size() >= 4, () -> phase + " stood still: " + done + result);
    }
  }

  /** As a person sees it: one line that is drawn anew, and gone at the end. */
  @Test
  void movesAtATerminal() {
    Path db = database();
    assumeTrue(Program.exists("script"), "script is not installed");
    String command = String.join(" ", SLOWLY) + " '" + Cli.launcher() + "' integrity-check app.db";
    Result result =
        Program.of("script", "-qec", command, "/dev/null").in(db.getParent()).run().exits(0);
    Matcher shown =
        Pattern.compile("checking ([0-9.]+ [kM]B) of ([0-9.]+ MB)").matcher(result.out());
    Set<String> seen = new TreeSet<>();
    Set<String> total = new TreeSet<>();
    while (shown.find()) {
      seen.add(shown.group(1));
      total.add(shown.group(2));
    }
    assertTrue(seen.size() >= 3, result::toString);
    assertEquals(1, total.size(), result::toString);
    assertTrue(result.out().endsWith("app.db: ok\r\n"), result::toString);
  }
}
