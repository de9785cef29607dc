package io.sqlitesafe.cli.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.mount.PolicyRow;
import io.sqlitesafe.mount.PolicyTable;
import io.sqlitesafe.mount.Use;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The table in docs/file-systems.md is made of the one that the program obeys. */
class PolicyInDocsTest {
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", ""), "..", "docs", "file-systems.md");
  private static final String BEGIN = "<!-- made of PolicyTable; see PolicyInDocsTest -->\n";
  private static final String END = "<!-- end -->\n";

  private static String table() {
    StringBuilder table = new StringBuilder(BEGIN);
    table.append("| file system | rollback journal | WAL | by rename | in place | measured |\n");
    table.append("|---|---|---|---|---|---|\n");
    for (PolicyRow row : PolicyTable.rows()) {
      table.append("| ").append(row.where());
      for (Use use : Use.values()) {
        String word =
            switch (row.advice(use)) {
              case FINE -> "fine";
              case WARN -> "*warns*";
              case REFUSE -> "**refused**";
            };
        table.append(" | ").append(word);
      }
      table.append(" | ").append(row.reason()).append(" |\n");
    }
    return table.append(END).toString();
  }

  @Test
  void thePageHasTheTableThatTheProgramObeys() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END, begin);
    assertTrue(begin >= 0 && end > begin, "docs/file-systems.md has no place for the table");
    String written = page.substring(begin, end + END.length());
    if (Boolean.getBoolean("sqlitesafe.regenerate")) {
      Files.writeString(PAGE, page.replace(written, table()));
      written = table();
    }
    assertEquals(
        table(),
        written,
        "out of date; run: mvn -pl cli -am test -Dtest=PolicyInDocsTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dsqlitesafe.regenerate=true");
  }
}
