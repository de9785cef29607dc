package io.sqlitesafe.changeset;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.changeset.ApplyCounts;
import io.sqlitesafe.internal.changeset.DroppedTriggers;
import io.sqlitesafe.internal.changeset.Fit;
import io.sqlitesafe.internal.changeset.ForeignKeyWatch;
import io.sqlitesafe.internal.changeset.ForeignKeys;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableRun;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.changeset.TableStatements;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.sql.Handle;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;

/**
 * Applies changesets and patchsets to a database: all of them, or nothing. Conflicts come up as in
 * SQLite's sqlite3changeset_apply (sqlite.org/session/sqlite3changeset_apply.html), and in the same
 * order; but where SQLite passes tables over without a word, because they are missing or have
 * another key, this fails.
 *
 * <pre>{@code
 * try (ChangesetApply apply = ChangesetApply.begin(connection, ApplyOptions.DEFAULT);
 *     ChangesetReader reader = ChangesetReader.open(Path.of("today.changeset"))) {
 *   apply.add(reader);
 *   ApplyResult report = apply.finish();
 * }
 * }</pre>
 *
 * <p>Foreign keys are deferred until the transaction's commit, which fails where they do not hold:
 * that is the FOREIGN_KEY conflict. For one thread. On a connection of one's own the driver's
 * property {@code jdbc.get_generated_keys=false} makes INSERTs three times as fast.
 */
public final class ChangesetApply implements AutoCloseable {
  private final SQLiteConnection connection;
  private final ApplyOptions options;
  private final boolean owned;
  private final Consumer<String> announce;
  private final Path file;
  private final ApplyCounts counts = new ApplyCounts();
  private final DroppedTriggers triggers;
  private final SqlValues values;
  private final SchemaShape shapes;
  private @Nullable TableRun run;
  private @Nullable ForeignKeyWatch watch;
  private Map<String, Long> orphans = Map.of();
  private boolean open;
  private boolean deferredBefore;
  private boolean enforcedBefore;

  private ChangesetApply(
      Connection connection, ApplyOptions options, boolean owned, Consumer<String> announce) {
    this.connection = (SQLiteConnection) connection;
    this.announce = announce;
    this.options = options;
    this.owned = owned;
    this.file = fileOf(connection);
    this.triggers = new DroppedTriggers(this.connection);
    try {
      requireActions(owned);
      execute(owned ? "BEGIN IMMEDIATE" : "SAVEPOINT changeset_apply");
      open = true;
      deferredBefore = flag("PRAGMA defer_foreign_keys");
      execute("PRAGMA defer_foreign_keys=1");
      values = SqlValues.of(connection);
      shapes = SchemaShape.of(connection, "main", options.rowids());
      if (!options.foreignKeyActions()) {
        watch = ForeignKeyWatch.begin(this.connection);
      }
    } catch (SQLException e) {
      close();
      throw failed(e);
    }
  }

  /** SQLite heeds its switch for foreign keys only outside of a transaction. */
  private void requireActions(boolean outside) throws SQLException {
    if (options.foreignKeyActions() || !ForeignKeys.enforced(connection)) {
      return;
    }
    if (!outside) {
      throw new IllegalStateException(
          "foreign-key actions can be left out only where the connection does not enforce foreign"
              + " keys");
    }
    execute("PRAGMA foreign_keys=OFF");
    enforcedBefore = true;
  }

  /** In a transaction of its own on a connection (of sqlite-jdbc) that has none open. */
  public static ChangesetApply begin(Connection connection, ApplyOptions options) {
    return new ChangesetApply(connection, options, true, sql -> {});
  }

  /**
   * Within the transaction of a unit of work. A FOREIGN_KEY conflict comes up when that is
   * committed, and ABORT then undoes all of the unit of work.
   */
  public static ChangesetApply within(Handle handle, ApplyOptions options) {
    ChangesetApply apply =
        new ChangesetApply(handle.announcedConnection(), options, false, handle::announce);
    handle.onFailedCommit(apply::mendCommit);
    return apply;
  }

  /**
   * Within a transaction that somebody else has begun on the connection, and ends. Whether foreign
   * keys hold is then theirs to see: a commit fails where they do not.
   */
  public static ChangesetApply inside(Connection connection, ApplyOptions options) {
    return new ChangesetApply(connection, options, false, sql -> {});
  }

  /** The main database's file, for messages. */
  public static Path fileOf(Connection connection) {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA database_list")) {
      String file = rows.next() ? rows.getString(3) : "";
      return Path.of(file == null || file.isEmpty() ? "the database in memory" : file);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, Path.of("the database"), "");
    }
  }

  /** Applies everything that {@code reader} has left. */
  public void add(ChangesetReader reader) {
    try {
      TableHeader header = null;
      for (Change change = reader.next(); change != null; change = reader.next()) {
        if (reader.table() != header) {
          header = reader.table();
          checkFormat(reader);
          startTable(reader);
        }
        Change wanted = options.invert() ? Changesets.invert(header, change) : change;
        running().apply(wanted);
      }
      finishTable();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private void checkFormat(ChangesetReader reader) {
    if (options.invert() && reader.format() == Format.PATCHSET) {
      throw Changesets.notInvertible(reader.name());
    }
    if (options.rebase() != null && reader.format() == Format.PATCHSET) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          reader.name() + " is a patchset, about which there is nothing to note for rebasing",
          "use a changeset, or leave out --rebase-out");
    }
  }

  private TableRun running() {
    if (run == null) {
      throw new IllegalStateException("no table begun");
    }
    return run;
  }

  /** A header that repeats goes on with the same table, as in SQLite. */
  private void startTable(ChangesetReader reader) throws SQLException {
    TableHeader header = reader.table();
    if (run != null && run.header().hasNameOf(header) && run.header().hasShapeOf(header)) {
      return;
    }
    finishTable();
    TableShape shape = Fit.require(header, shapes, reader.name(), file);
    if (!options.triggers()) {
      triggers.drop(shape.name());
    }
    counts.table(shape.name());
    TableStatements statements = new TableStatements(connection, values, header, shape, announce);
    run = new TableRun(connection, statements, shape, reader, options, counts);
  }

  private void finishTable() throws SQLException {
    if (run != null) {
      run.finish();
      run.close();
      run = null;
    }
  }

  /** What was applied so far. */
  public ApplyResult report() {
    return counts.report();
  }

  /** Names of the tables for which there were changes so far. */
  public Set<String> tables() {
    return counts.tables();
  }

  /**
   * Rows that have no parent now because of what was applied, by "child table -> parent table";
   * known after {@link #finish} without foreign-key actions.
   */
  public Map<String, Long> orphans() {
    return orphans;
  }

  /**
   * Virtual tables that triggers would have kept in step, had they fired, and those triggers; known
   * after {@link #finish}.
   */
  public Map<String, String> missedByTriggers() {
    Set<String> virtual = new LinkedHashSet<>();
    for (TableShape table : shapes.tables()) {
      if (table.kind() == TableShape.Kind.VIRTUAL) {
        virtual.add(table.name());
      }
    }
    return triggers.missedBy(virtual);
  }

  /** Ends it: commits its own transaction, or leaves what was done to the surrounding one. */
  public ApplyResult finish() {
    try {
      checkForeignKeys();
      triggers.restore();
      if (owned) {
        commit();
      } else {
        execute("RELEASE changeset_apply");
      }
      open = false;
      enforceAgain();
      return counts.report();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private void checkForeignKeys() throws SQLException {
    if (watch == null) {
      return;
    }
    orphans = watch.violations();
    watch.end();
    if (orphans.isEmpty()) {
      return;
    }
    counts.conflict(ConflictKind.FOREIGN_KEY);
    if (options.handler().resolve(Conflict.FOREIGN_KEY) != Resolution.OMIT) {
      throw ForeignKeys.conflict(orphans);
    }
  }

  private void enforceAgain() throws SQLException {
    if (enforcedBefore) {
      enforcedBefore = false;
      execute("PRAGMA foreign_keys=ON");
    }
  }

  private void commit() throws SQLException {
    try {
      execute("COMMIT");
    } catch (SQLException e) {
      mendCommit(failed(e));
      execute("COMMIT");
    }
  }

  /** Throws, or has done what makes the commit possible. */
  private void mendCommit(SqliteSafeException failure) {
    boolean foreignKeys =
        failure.getCause() instanceof SQLException sql
            && SqlErrors.code(sql) == SQLiteErrorCode.SQLITE_CONSTRAINT_FOREIGNKEY;
    if (!foreignKeys) {
      throw failure;
    }
    counts.conflict(ConflictKind.FOREIGN_KEY);
    if (options.handler().resolve(Conflict.FOREIGN_KEY) != Resolution.OMIT) {
      throw ForeignKeys.conflict(connection);
    }
    try {
      // This forgets what was counted against immediate foreign keys; those declared deferred still
      // make the commit fail, in SQLite's own apply too.
      execute("PRAGMA defer_foreign_keys=0");
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private boolean flag(String pragma) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(pragma)) {
      return rows.next() && rows.getBoolean(1);
    }
  }

  private void execute(String sql) throws SQLException {
    connection.getDatabase()._exec(sql);
  }

  private SqliteSafeException failed(SQLException e) {
    return SqlErrors.translate(e, file, "changeset: ");
  }

  /** Undoes everything unless {@link #finish} has returned. */
  @Override
  public void close() {
    if (run != null) {
      run.close();
      run = null;
    }
    try {
      if (open) {
        open = false;
        rollBack();
      }
      enforceAgain();
    } catch (SQLException e) {
      // SQLite rolled the whole transaction back by itself; then there is nothing left to undo.
    }
  }

  private void rollBack() throws SQLException {
    execute(owned ? "ROLLBACK" : "ROLLBACK TO changeset_apply; RELEASE changeset_apply");
    if (!owned && !deferredBefore) {
      execute("PRAGMA defer_foreign_keys=0"); // nothing has been deferred that is still there
    }
  }
}
