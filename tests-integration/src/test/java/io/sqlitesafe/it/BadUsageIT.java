package io.sqlitesafe.it;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Refusal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong command lines: exit 2, a hint, nothing done. */
class BadUsageIT {
  @TempDir Path directory;

  /** "DB" stands for the database. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "write DB --wait 5 SELECT | duration",
        "write DB --wait abc SELECT | duration",
        "write DB --wait=-5s SELECT | duration",
        "write DB --wait 5parsecs SELECT | duration",
        "write DB --heartbeat-interval 1ms SELECT | heartbeat",
        "write DB --heartbeat-interval 5s --stale-after 10s SELECT | stale",
        "write DB --break everybody SELECT | --break",
        "write DB --access anarchic SELECT | --access",
        "write DB --format xml SELECT | --format",
        "write DB --progress perhaps SELECT | --progress",
        "write DB --color pink SELECT | --color",
        "write DB --retries many SELECT | --retries",
        "write DB --page-size 4096 SELECT | --create",
        "write DB --create --page-size 1000 SELECT | power of two",
        "write DB --expect novalue SELECT | --expect",
        "write DB --rows - --rows-format xml SELECT | --rows-format",
        "write DB --nope SELECT | --nope",
        "write DB --wait | --wait",
        "write DB -f nowhere.sql | nowhere.sql",
        "write DB --rows nowhere.csv SELECT | nowhere.csv",
        "write DB --rows rows.xls SELECT | rows.xls",
        "read DB --break dead SELECT | --break",
        "break-stale DB --force | --owner",
        "break-stale DB --owner zzz --force | token",
        "with-lock DB --on-lost pray -- true | --on-lost",
        "with-lock DB | COMMAND",
        "journal-mode DB tree | tree",
        "journal-mode DB memory | memory",
        "journal-mode DB delete more | more",
        "checkpoint DB --mode hard | --mode",
        "inspect-lock DB --interval 5 --watch | --interval",
        "generate-completion tcsh | tcsh",
        "capabilities DB more | more",
      })
  void onADatabase(String line, String fragment) {
    Path db = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(v)");
    List<Object> words = new ArrayList<>();
    for (String word : line.split(" ")) {
      words.add(word.equals("DB") ? db : word.equals("SELECT") ? "SELECT 1" : word);
    }
    Refusal.of(db, words.toArray()).expect(2, fragment);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "writ app.db | did you mean write",
        "write | DB",
        "read | DB",
        "inspect-lock | DB",
        "break-stale | DB",
        "with-lock | DB",
        "journal-mode | DB",
        "checkpoint | DB",
        "generate-completion | SHELL",
        "--nonsense x | --nonsense",
      })
  void withoutADatabase(String line, String fragment) {
    Path nowhere = directory.resolve("nothing");
    Refusal.of(nowhere, (Object[]) line.split(" "))
        .reading(in -> in.in(directory))
        .expect(2, fragment);
  }

  @Test
  void noCommandAtAll() {
    Cli.run().exits(2).says("--help");
    Cli.run("help", "nonsense").exits(2).says("no command \"nonsense\"");
  }
}
