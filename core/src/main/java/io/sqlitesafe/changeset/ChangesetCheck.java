package io.sqlitesafe.changeset;

import io.sqlitesafe.internal.changeset.Fit;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.changeset.TableStatements;
import io.sqlitesafe.internal.db.SqlErrors;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;

/**
 * Looks through a changeset without changing anything: whether it is well-formed, and whether it
 * would go into a database without conflicts. Conflicts that only trying can show (other unique
 * columns, CHECK, triggers) are not seen; a dry run of applying sees them. For one thread.
 */
public final class ChangesetCheck {
  private final @Nullable SQLiteConnection connection;
  private final SchemaShape shapes;
  private final SqlValues values;
  private final List<String> misfits = new ArrayList<>();
  private final Map<ConflictKind, Long> conflicts = new EnumMap<>(ConflictKind.class);
  private final long[] counts = new long[Operation.values().length];
  private long tables;

  /** Only whether it is well-formed. */
  public ChangesetCheck() {
    this(null, SchemaShape.NONE, SqlValues.UTF8);
  }

  private ChangesetCheck(
      @Nullable SQLiteConnection connection, SchemaShape shapes, SqlValues values) {
    this.connection = connection;
    this.shapes = shapes;
    this.values = values;
  }

  /**
   * Also against this database.
   *
   * @param rowids tables without PRIMARY KEY go by their rowids
   */
  public static ChangesetCheck against(Connection connection, boolean rowids) {
    try {
      return new ChangesetCheck(
          (SQLiteConnection) connection,
          SchemaShape.of(connection, "main", rowids),
          SqlValues.of(connection));
    } catch (SQLException e) {
      throw SqlErrors.translate(e, ChangesetApply.fileOf(connection), "");
    }
  }

  /**
   * What was found.
   *
   * @param format null where there is no change at all
   * @param misfits why tables of the database do not fit, each a clause
   * @param conflicts how many changes would conflict, by kind
   */
  public record Result(
      @Nullable Format format,
      ChangeCounts counts,
      List<String> misfits,
      Map<ConflictKind, Long> conflicts) {
    /** Nothing speaks against applying it. */
    public boolean fits() {
      return misfits.isEmpty() && conflicts.isEmpty();
    }
  }

  /** Reads {@code reader} to its end; DAMAGED where that is not possible. */
  public Result run(ChangesetReader reader) {
    TableHeader announced = null;
    TableStatements statements = null;
    try {
      for (Change change = reader.next(); change != null; change = reader.next()) {
        if (reader.table() != announced) {
          announced = reader.table();
          tables++;
          close(statements);
          statements = open(announced);
        }
        counts[change.operation().ordinal()]++;
        if (statements != null) {
          compare(statements, announced, change, reader.format() == Format.PATCHSET);
        }
      }
    } catch (SQLException e) {
      throw SqlErrors.translate(e, Path.of("the database"), "");
    } finally {
      close(statements);
    }
    return new Result(
        reader.format(),
        new ChangeCounts(
            tables,
            counts[Operation.INSERT.ordinal()],
            counts[Operation.UPDATE.ordinal()],
            counts[Operation.DELETE.ordinal()],
            reader.offset()),
        List.copyOf(misfits),
        conflicts);
  }

  private static void close(@Nullable TableStatements statements) {
    if (statements != null) {
      statements.close();
    }
  }

  private @Nullable TableStatements open(TableHeader header) {
    if (connection == null) {
      return null;
    }
    TableShape shape = shapes.table(header.name());
    String problem = Fit.problem(header, shape);
    if (problem != null || shape == null) {
      misfits.add(String.valueOf(problem));
      return null;
    }
    return new TableStatements(connection, values, header, shape, sql -> {});
  }

  private void compare(
      TableStatements statements, TableHeader header, Change change, boolean patchset)
      throws SQLException {
    TableStatements.Row row = statements.row(change);
    ConflictKind kind = null;
    if (change.operation() == Operation.INSERT) {
      kind = row == null ? null : ConflictKind.CONFLICT;
    } else if (row == null) {
      kind = ConflictKind.NOTFOUND;
    } else if (!patchset && !holds(header, change, row.values())) {
      kind = ConflictKind.DATA;
    }
    if (kind != null) {
      conflicts.merge(kind, 1L, Long::sum);
    }
  }

  private static boolean holds(TableHeader header, Change change, Value[] row) {
    for (int i = 0; i < row.length; i++) {
      Value expected = change.before(i);
      if (!header.isKey(i) && expected.isDefined() && !expected.isUnchanged(row[i])) {
        return false;
      }
    }
    return true;
  }
}
