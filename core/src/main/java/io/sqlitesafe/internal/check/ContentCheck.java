package io.sqlitesafe.internal.check;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.BrokenTrigger;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.recover.TreeCheck;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.ForeignKeyMode;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.RowSink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What SQLite itself can tell about an open database. Every statement reads its own snapshot, so
 * that writers of a live database get in between.
 */
public final class ContentCheck {
  private final Path file;
  private final boolean alone;
  private final Cancellation cancellation;
  private final Handle handle;
  private final CheckLevel level;
  private final int limit;
  private final ForeignKeyMode keys;
  private long orphans;
  private final Findings findings;

  /**
   * @param alone nobody else uses the file
   * @param limit problems of each kind that may be found; one more is asked for
   * @param keys what to make of broken foreign keys
   */
  public ContentCheck(
      Database database,
      boolean alone,
      CheckLevel level,
      int limit,
      ForeignKeyMode keys,
      Cancellation cancellation,
      Findings findings) {
    this.file = database.file();
    this.alone = alone;
    this.cancellation = cancellation;
    this.keys = keys;
    this.handle = database.unguarded();
    this.level = level;
    this.limit = limit;
    this.findings = findings;
  }

  /**
   * Runs everything.
   *
   * @param end compares the file's size; null where it need not be that of its pages
   */
  public void run(@Nullable FileEnd end) {
    findings.during(() -> pages(end));
    if (level == CheckLevel.NONE) {
      return;
    }
    Schema schema = Schema.of(handle);
    VirtualTables virtual = VirtualTables.of(handle, schema);
    findings.during(() -> integrity(schema, virtual));
    findings.during(new ConstraintCheck(handle, schema, limit, findings)::run);
    findings.during(() -> foreignKeys(schema));
    findings.during(() -> new FullTextCheck(handle, schema, virtual, findings).run());
    virtual.tell(findings);
  }

  private void pages(@Nullable FileEnd end) {
    handle.update("BEGIN");
    try {
      int size = (int) handle.integer("PRAGMA page_size");
      long count = handle.integer("PRAGMA page_count");
      findings.pages(size, count);
      if (end != null) {
        end.check(size, count, findings);
      }
    } finally {
      handle.update("ROLLBACK");
    }
  }

  // ---- structure ------------------------------------------------------------------------------

  private void integrity(Schema schema, VirtualTables virtual) {
    String pragma = level == CheckLevel.FULL ? "integrity_check" : "quick_check";
    IntegrityMessages messages = new IntegrityMessages(schema);
    try {
      integrity(pragma + "(" + ((long) limit + 1) + ")", messages);
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.FAILED || schema.tables().isEmpty()) {
        throw e;
      }
      byTable(schema, virtual, pragma, messages, virtual.reason(e));
    }
  }

  private void integrity(String pragma, IntegrityMessages messages) {
    rows("PRAGMA " + pragma, row -> messages.problems(String.valueOf(row[0]), findings::add));
  }

  /**
   * A collation, function or tokenizer of the application's own makes SQLite give up on the whole
   * file. The tables that do without can still be checked, but not that every page is used once.
   */
  private void byTable(
      Schema schema,
      VirtualTables virtual,
      String pragma,
      IntegrityMessages messages,
      String reason) {
    findings.unchecked("only checked table by table, unused pages not at all: " + reason);
    for (String table : schema.tables()) {
      if (virtual.isUnusable(table)) {
        continue;
      }
      try {
        findings.during(() -> integrity(pragma + "(" + Schema.quoted(table) + ")", messages));
      } catch (SqliteSafeException e) {
        if (e.kind() != ErrorKind.FAILED) {
          throw e;
        }
        if (schema.virtual().containsKey(table)) {
          VirtualTables.tell(table, Findings.reason(e), findings);
          continue;
        }
        findings.unchecked(
            "table "
                + table
                + " could not be checked by SQLite, only its pages: "
                + Findings.reason(e));
        pages(table);
      }
    }
  }

  /** Damage is found without what only the table's own program has. */
  private void pages(String table) {
    long root =
        handle.integer(
            "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?", table);
    boolean withoutRowid =
        handle.integer("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'", table) != 0;
    handle.update("BEGIN"); // keeps writers out
    try {
      handle.integer("SELECT count(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 1)");
      List<TreeCheck.Tree> trees = new ArrayList<>();
      trees.add(new TreeCheck.Tree(table, (int) root, withoutRowid));
      for (long index : indexes(table, root)) {
        trees.add(new TreeCheck.Tree(table, (int) index, true));
      }
      for (TreeCheck.Problem problem : TreeCheck.of(file, trees, alone, cancellation)) {
        findings.add(
            new CheckResult.Problem(
                CheckResult.Kind.INTEGRITY,
                problem.message(),
                table,
                null,
                (long) problem.page(),
                null,
                null));
      }
    } finally {
      handle.update("ROLLBACK");
    }
  }

  /** Their first pages. */
  private List<Long> indexes(String table, long root) {
    List<Long> roots = new ArrayList<>();
    handle.query(
        "SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? COLLATE NOCASE"
            + " AND rootpage NOT IN (0, ?)",
        names -> (RowSink.Rows.OfValues) row -> roots.add((Long) row[0]),
        table,
        root);
    return roots;
  }

  // ---- foreign keys ---------------------------------------------------------------------------

  private void foreignKeys(Schema schema) {
    if (keys == ForeignKeyMode.OFF) {
      return;
    }
    allForeignKeys(schema);
    if (orphans > 0) {
      findings.note(
          orphans
              + (orphans == 1 ? " row refers" : " rows refer")
              + " to rows that are not there (foreign keys: note)");
    }
  }

  private void allForeignKeys(Schema schema) {
    try {
      foreignKeys("PRAGMA foreign_key_check");
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.FAILED) {
        throw e;
      }
      // One definition that does not fit its parent ends the check of all others.
      for (String table : schema.tables()) {
        foreignKeysOf(table);
      }
    }
  }

  private void foreignKeysOf(String table) {
    try {
      findings.during(() -> foreignKeys("PRAGMA foreign_key_check(" + Schema.quoted(table) + ")"));
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.FAILED) {
        throw e;
      }
      if (BrokenTrigger.isOfAnotherProgram(String.valueOf(e.getMessage()))) {
        findings.unchecked(
            "foreign keys of " + table + " could not be checked: " + Findings.reason(e));
        return;
      }
      findings.add(
          CheckResult.Problem.of(
              CheckResult.Kind.FOREIGN_KEY, "cannot be checked: " + Findings.reason(e), table));
    }
  }

  private void foreignKeys(String pragma) {
    // A table of its own keeps its memory small whatever is broken: the sink drops what is too
    // much.
    rows(
        pragma,
        row -> {
          if (keys == ForeignKeyMode.NOTE) {
            orphans++;
            return;
          }
          String table = String.valueOf(row[0]);
          String parent = String.valueOf(row[2]);
          findings.add(
              new CheckResult.Problem(
                  CheckResult.Kind.FOREIGN_KEY,
                  "row "
                      + (row[1] == null ? "(without rowid)" : row[1])
                      + " of "
                      + table
                      + " refers to a row that is not in "
                      + parent,
                  table,
                  null,
                  null,
                  row[1] instanceof Long rowid ? rowid : null,
                  parent));
        });
  }

  private void rows(String sql, Consumer<@Nullable Object[]> sink) {
    handle.query(sql, names -> (RowSink.Rows.OfValues) sink::accept);
  }
}
