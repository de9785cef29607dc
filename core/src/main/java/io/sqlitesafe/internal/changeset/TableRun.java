package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.ApplyOptions;
import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.Conflict;
import io.sqlitesafe.changeset.ConflictKind;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.Operation;
import io.sqlitesafe.changeset.Resolution;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.changeset.TableStatements.Row;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Applies the changes of one table, step by step as SQLite does (sqlite.org/session.html,
 * sqlite3changeset_apply), so that the same conflicts come up in the same order. Not thread-safe.
 */
public final class TableRun implements AutoCloseable {
  private final SQLiteConnection connection;
  private final TableHeader header;
  private final List<String> names;
  private final String source;
  private final Cancellation cancellation;
  private final boolean patchset;
  private final ApplyOptions options;
  private final ApplyCounts counts;
  private final TableStatements statements;
  private final boolean statistics;
  private boolean deferring = true;
  private RetryQueue waiting;

  public TableRun(
      SQLiteConnection connection,
      TableStatements statements,
      TableShape shape,
      ChangesetReader source,
      ApplyOptions options,
      ApplyCounts counts) {
    this.connection = connection;
    this.header = source.table();
    this.names = shape.columns().stream().map(TableShape.Column::name).toList();
    this.source = source.name();
    this.cancellation = source.cancellation();
    this.patchset = source.format() == Format.PATCHSET;
    this.options = options;
    this.counts = counts;
    this.statements = statements;
    this.statistics = shape.kind() == TableShape.Kind.STATISTICS;
    this.waiting = new RetryQueue(header);
  }

  public TableHeader header() {
    return header;
  }

  /** What an attempt came to. */
  private enum Outcome {
    /** Applied, put off, or passed over. */
    OVER,
    /** The handler wants it applied to the row whatever that holds. */
    FORCE,
    /** The handler wants the row replaced that has its key. */
    REPLACE_ROW
  }

  public void apply(Change change) throws SQLException {
    cancellation.throwIfRequested();
    switch (attempt(change, true)) {
      case OVER -> {}
      case FORCE -> {
        counts.replaced++;
        attempt(change, false);
      }
      case REPLACE_ROW -> {
        counts.replaced++;
        execute("SAVEPOINT replace_op");
        statements.delete(change, false);
        attempt(change, false);
        execute("RELEASE replace_op");
      }
    }
  }

  /**
   * Tries once.
   *
   * @param first heed what the row holds, and look for a row in the way; else only the key counts
   */
  private Outcome attempt(Change change, boolean first) throws SQLException {
    Operation operation = change.operation();
    boolean exact = first && !patchset;
    int rows;
    try {
      if (statistics && operation == Operation.INSERT && statements.row(change) != null) {
        // No constraint of sqlite_stat1 would say so.
        return conflict(ConflictKind.CONFLICT, change, first);
      }
      rows =
          switch (operation) {
            case INSERT -> statements.insert(change);
            case UPDATE -> statements.update(change, exact);
            case DELETE -> statements.delete(change, exact);
          };
    } catch (SQLException e) {
      if (!isConstraint(e)) {
        throw e;
      }
      return conflict(ConflictKind.CONFLICT, change, first && operation == Operation.INSERT);
    }
    if (rows == 0 && operation != Operation.INSERT) {
      return conflict(ConflictKind.DATA, change, first);
    }
    if (rows > 0) {
      counts.applied(operation);
    }
    return Outcome.OVER;
  }

  static boolean isConstraint(SQLException e) {
    return e instanceof SQLiteException sqlite
        && (sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_CONSTRAINT.code;
  }

  /**
   * Finds out which conflict it is, and asks what to do.
   *
   * @param kind DATA or CONFLICT if there is a row with the key, else NOTFOUND or CONSTRAINT
   */
  private Outcome conflict(ConflictKind kind, Change change, boolean look) throws SQLException {
    Row row = look ? statements.row(change) : null;
    Resolution resolution;
    if (row != null && deferring && mayGiveWay(kind, change, row)) {
      waiting.add(change);
      return Outcome.OVER;
    }
    if (row != null) {
      resolution =
          options.ignoreNoop() && isThereAlready(change, row.values())
              ? Resolution.OMIT
              : ask(kind, change, row);
    } else if (kind == ConflictKind.CONFLICT && deferring) {
      waiting.add(change); // other changes of this table may make room for it
      return Outcome.OVER;
    } else if (options.ignoreNoop()
        && kind == ConflictKind.DATA
        && change.operation() == Operation.DELETE) {
      resolution = Resolution.OMIT;
    } else {
      ConflictKind without =
          kind == ConflictKind.DATA ? ConflictKind.NOTFOUND : ConflictKind.CONSTRAINT;
      resolution = ask(without, change, null);
    }
    noteForRebase(change, resolution);
    if (resolution == Resolution.OMIT) {
      counts.omitted++;
      return Outcome.OVER;
    }
    return kind == ConflictKind.DATA ? Outcome.FORCE : Outcome.REPLACE_ROW;
  }

  /**
   * A row whose key is only equal to that of the one to insert ('a' and 'A' under NOCASE): a change
   * of such a key is a DELETE and an INSERT, and inverted the INSERT comes first. SQLite's own
   * apply does not wait, so this is not for callers who asked for SQLite's behaviour.
   */
  private boolean mayGiveWay(ConflictKind kind, Change change, Row row) {
    if (kind != ConflictKind.CONFLICT || options.foreignKeyActions()) {
      return false;
    }
    for (int column : header.keyColumnsUncopied()) {
      if (!change.key(column).equals(row.values()[column])) {
        return true;
      }
    }
    return false;
  }

  private Resolution ask(ConflictKind kind, Change change, @Nullable Row row) {
    List<Value> values = row == null ? List.of() : List.of(row.values());
    Conflict conflict = new Conflict(kind, header, names, change, values);
    counts.conflict(kind);
    Resolution resolution = options.handler().resolve(conflict);
    if (resolution == Resolution.ABORT) {
      throw aborted(source + ": ", conflict, "");
    }
    if (resolution == Resolution.REPLACE && !kind.replaceable()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "a conflict of kind " + kind.id() + " cannot be resolved by replace",
          null);
    }
    return resolution;
  }

  static SqliteSafeException aborted(Conflict conflict) {
    return aborted("", conflict, "");
  }

  static SqliteSafeException aborted(String before, Conflict conflict, String more) {
    SqliteSafeException e =
        new SqliteSafeException(
            ErrorKind.PRECONDITION,
            before + "conflict (" + conflict.kind().id() + "): " + conflict.describe() + more,
            "nothing was changed; --dry-run lists all conflicts, --on-conflict and --on decide"
                + " about them");
    e.with("conflict", conflict.kind().id());
    if (conflict.table() != null && conflict.change() != null) {
      e.with("table", conflict.table().name());
      e.with("operation", conflict.change().operation().name());
    }
    return e;
  }

  private boolean isThereAlready(Change change, Value[] row) {
    if (change.operation() == Operation.DELETE) {
      return false;
    }
    for (int i = 0; i < row.length; i++) {
      Value value = change.after(i);
      // The extension takes the missing index name of a table without indexes for an empty blob.
      boolean nameless =
          statistics
              && row[i].kind() == Value.Kind.NULL
              && value.kind() == Value.Kind.BLOB
              && value.bytes().length == 0;
      if (value.isDefined() && !nameless && !value.isUnchanged(row[i])) {
        return false;
      }
    }
    return true;
  }

  /** The record that sqlite3rebaser needs: a DELETE, or an INSERT with the new values known. */
  private void noteForRebase(Change change, Resolution resolution) {
    ChangeSink rebase = options.rebase();
    if (rebase == null || patchset) {
      return;
    }
    rebase.table(header);
    boolean replaced = resolution == Resolution.REPLACE;
    if (change.operation() == Operation.DELETE) {
      rebase.change(change.withIndirect(replaced));
      return;
    }
    Value[] values = new Value[header.columns()];
    for (int i = 0; i < values.length; i++) {
      values[i] = header.isKey(i) ? change.key(i) : change.after(i);
    }
    rebase.change(Change.insert(values).withIndirect(replaced));
  }

  // ---- changes that had to wait --------------------------------------------------------------

  /** Applies what had to wait; what no order of changes makes possible is a CONSTRAINT conflict. */
  public void finish() throws SQLException {
    while (!waiting.isEmpty()) {
      try (RetryQueue tried = takeWaiting()) {
        retry(tried, -1);
        if (waiting.size() >= tried.size()) {
          break;
        }
      }
    }
    if (options.updateLoops()) {
      breakLoops();
    }
    if (!waiting.isEmpty()) {
      deferring = false;
      try (RetryQueue rest = takeWaiting()) {
        retry(rest, -1);
      }
    }
    deferring = true;
  }

  private RetryQueue takeWaiting() {
    RetryQueue taken = waiting;
    waiting = new RetryQueue(header);
    return taken;
  }

  private void retry(RetryQueue queue, int skip) throws SQLException {
    queue.forEach(
        (index, change) -> {
          if (index != skip) {
            apply(change);
          }
          return true;
        });
  }

  /**
   * Rows that swap unique values: no UPDATE is possible before the other. So each in turn is tried
   * as a DELETE, then the others, then an INSERT.
   */
  private void breakLoops() throws SQLException {
    for (int update = 0; !waiting.isEmpty(); ) {
      int[] found = {-1, update};
      Change[] change = new Change[1];
      waiting.forEach(
          (index, each) -> {
            if (each.operation() == Operation.UPDATE && found[1]-- == 0) {
              found[0] = index;
              change[0] = each;
              return false;
            }
            return true;
          });
      if (found[0] < 0) {
        return;
      }
      update = withoutRow(change[0], found[0]) ? 0 : update + 1;
    }
  }

  /** True where it worked, and the rest of the queue is what still has to wait. */
  private boolean withoutRow(Change update, int index) throws SQLException {
    RetryQueue before = waiting;
    ApplyCounts.Mark mark = counts.mark();
    execute("SAVEPOINT update_op");
    boolean done = false;
    try {
      Row row = statements.row(update);
      if (row != null && statements.delete(update, false) > 0) {
        retryOthers(index);
        for (int i = 0; i < row.values().length; i++) {
          Value after = update.after(i);
          row.values()[i] = after.isDefined() ? after : row.values()[i];
        }
        done = statements.insert(row.values(), row.rowid()) > 0;
      }
    } catch (SQLException e) {
      if (!isConstraint(e)) {
        throw e;
      }
    }
    if (done) {
      counts.applied(Operation.UPDATE);
    } else {
      execute("ROLLBACK TO update_op");
      counts.reset(mark);
      if (waiting != before) {
        waiting.close();
        waiting = before;
      }
    }
    execute("RELEASE update_op");
    if (done) {
      before.close();
    }
    return done;
  }

  /** Leaves the queue as it was to whoever knows it: it may be needed again. */
  private void retryOthers(int skip) throws SQLException {
    RetryQueue first = takeWaiting();
    retry(first, skip);
    while (!waiting.isEmpty()) {
      try (RetryQueue tried = takeWaiting()) {
        retry(tried, -1);
        if (waiting.size() >= tried.size()) {
          return;
        }
      }
    }
  }

  private void execute(String sql) throws SQLException {
    connection.getDatabase()._exec(sql);
  }

  @Override
  public void close() {
    statements.close();
    waiting.close();
  }
}
