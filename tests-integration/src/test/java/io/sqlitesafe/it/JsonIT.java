package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Contract;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.JsonPage;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Schemas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The JSON of every command is described: in the schema that the program prints, by which all JSON
 * that any of these tests sees is checked ({@link Contract}), and in docs/json.md, made of it.
 */
class JsonIT {
  private static final Path PAGE = Cli.module().resolve("../docs/json.md").normalize();
  private static final String BEGIN = "<!-- made of schemas.json; see JsonIT -->\n";
  private static final String END = "<!-- end -->\n";

  /** Commands that print no object of their own. */
  private static final Set<String> WITHOUT =
      Set.of("with-lock", "shell", "batch", "generate-completion", "help", "changeset");

  @TempDir Path directory;
  private final Set<String> seen = new TreeSet<>();

  @Test
  void thePageIsMadeOfTheSchema() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    int end = page.indexOf(END, begin);
    assertTrue(begin >= BEGIN.length() && end >= begin, "docs/json.md has no place for the tables");
    String made = JsonPage.of(Schemas.all(), Schemas.outputs());
    if (Boolean.getBoolean("sqlitesafe.regenerate")) {
      page = page.substring(0, begin) + made + page.substring(end);
      Files.writeString(PAGE, page);
      end = page.indexOf(END, begin);
    }
    assertEquals(
        made,
        page.substring(begin, end),
        "docs/json.md is out of date; run: mvn -pl tests-integration verify -Dit.test=JsonIT"
            + " -Dsqlitesafe.regenerate=true");
  }

  @Test
  void theProgramPrintsIt() {
    assertEquals(Schemas.text(), Cli.run("capabilities", "--schemas").exits(0).out());
  }

  @Test
  void everyCommandHasItsSchema() {
    List<String> missing = new ArrayList<>();
    names("", io.sqlitesafe.cli.Cli.commandSpec(), missing);
    missing.removeIf(name -> WITHOUT.contains(name) || Schemas.outputs().contains(name));
    assertEquals(List.of(), missing);
  }

  private static void names(String prefix, CommandSpec parent, List<String> names) {
    parent
        .subcommands()
        .forEach(
            (name, line) -> {
              names.add(prefix + name);
              names(prefix + name + " ", line.getCommandSpec(), names);
            });
  }

  /** One object on standard output, as {@code definition} says. */
  private Map<String, Object> run(String definition, int exit, Object... words) {
    Result result = Cli.command(words).in(directory).run().exits(exit);
    Map<String, Object> object = Json.object(result.out().lines().reduce((a, b) -> b).orElse(""));
    assertEquals(List.of(), Schemas.problems(definition, object), result::toString);
    seen.add(definition);
    return object;
  }

  @Test
  void eachResultIsAsItSays() throws IOException {
    String sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES(1,'a'),(2,x'00')";
    run("write", 0, "write", "--json", "--create", "app.db", sql);
    Files.copy(directory.resolve("app.db"), directory.resolve("old.db"));
    String change = "UPDATE t SET v = 'b' WHERE id = 1 RETURNING *";
    run("write", 0, "write", "--json", "app.db", change, "--changeset", "c.changeset");
    run("read", 0, "read", "--json", "app.db", "SELECT * FROM t");
    run("changeset verify", 0, "changeset", "verify", "--json", "c.changeset", "--db", "old.db");
    run("change", 0, "changeset", "show", "--json", "c.changeset", "--db", "old.db");
    run("changeSql", 0, "changeset", "show", "--json", "--sql", "c.changeset", "--db", "old.db");
    run("changeset show", 0, "changeset", "show", "--json", "--stat", "c.changeset");
    run("changeset invert", 0, "changeset", "invert", "--json", "c.changeset", "-o", "i.changeset");
    run(
        "changeset concat",
        0,
        "changeset",
        "concat",
        "--json",
        "c.changeset",
        "i.changeset",
        "-o",
        "n.changeset");
    run(
        "changeset export",
        0,
        "changeset",
        "export",
        "--json",
        "app.db",
        "--since",
        "old.db",
        "-o",
        "e");
    Object[] apply = {"changeset", "apply", "--json", "old.db", "c.changeset", "--rebase-out", "r"};
    run("changeset apply", 0, apply);
    Object[] again = {"changeset", "apply", "--json", "--dry-run", "old.db", "c.changeset"};
    Result conflict = Cli.command(again).in(directory).run().exits(13);
    assertEquals(List.of(), Schemas.problems("changeset apply", Json.object(conflict.out())));
    assertTrue(conflict.out().contains("\"conflict\":\"data\""), conflict::toString);
    run(
        "changeset rebase",
        0,
        "changeset",
        "rebase",
        "--json",
        "c.changeset",
        "--using",
        "r",
        "-o",
        "s");
    Files.createDirectory(directory.resolve("b"));
    run("backup", 0, "backup", "--json", "app.db", "b/", "--keep-last", "2", "--metrics", "m.prom");
    run(
        "backup",
        0,
        "backup",
        "--json",
        "app.db",
        "x.zst",
        "--compress",
        "zstd",
        "--verify",
        "full");
    run("copy", 0, "copy", "--json", "app.db", "y.db");
    run("vacuum-into", 0, "vacuum-into", "--json", "app.db", "z.db");
    run("restore", 0, "restore", "--json", "--drill", "x.zst", "--metrics", "m.prom");
    run("backup", 0, "backup", "--json", "app.db", "w.sqlite");
    run("drills", 0, "restore", "--json", "--drill", "x.zst", "w.sqlite");
    run("restore", 0, "restore", "--json", "x.zst", "old.db");
    run("integrity-check", 0, "integrity-check", "--json", "app.db", "x.zst");
    run("doctor", 0, "doctor", "--json", "app.db");
    run("recover", 0, "recover", "--json", "app.db", "-o", "rescued.db");
    run("journal-mode", 0, "journal-mode", "--json", "app.db");
    run("checkpoint", 0, "checkpoint", "--json", "app.db");
    run("access", 0, "access", "--json", "app.db");
    run("inspect-lock", 0, "inspect-lock", "--json", "app.db");
    run("break-stale", 0, "break-stale", "--json", "app.db");
    run("capabilities", 0, "capabilities", "--json", ".");
    run("probe", 0, "probe", "--json", ".", "--time", "2s", "--rounds", "5");
    answer();
    manifests();
    metrics();
    Set<String> elsewhere = Set.of("row", "error", "note", "warning", "progress");
    Set<String> all = new TreeSet<>(Schemas.outputs());
    all.removeAll(elsewhere);
    assertEquals(all, seen);
  }

  private void answer() {
    Result batch =
        Cli.command("batch").input("{\"read\":[\"none.db\",\"SELECT 1\"]}\n").run().exits(0);
    assertEquals(List.of(), Schemas.problems("answer", batch.json()), batch::toString);
    seen.add("answer");
  }

  private void manifests() throws IOException {
    String manifest = Files.readString(directory.resolve("x.zst.json"));
    assertEquals(List.of(), Schemas.problems("manifest", Json.object(manifest)), manifest);
  }

  /** Each metric with its meaning, as the file itself says. */
  private void metrics() throws IOException {
    String page = Files.readString(PAGE);
    List<String> help =
        Files.readAllLines(directory.resolve("m.prom")).stream()
            .filter(line -> line.startsWith("# HELP "))
            .toList();
    assertTrue(help.size() > 10, help::toString);
    for (String line : help) {
      String[] words = line.split(" ", 4);
      assertTrue(page.contains("| `" + words[2] + "` | " + words[3] + " |"), line);
    }
  }
}
