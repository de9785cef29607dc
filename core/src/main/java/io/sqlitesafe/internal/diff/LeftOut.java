package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.NotCaptured;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds what differs between two attached databases and no changeset holds: rows of tables without
 * a key, rows with NULL in their key, and what virtual tables store. For one use.
 */
public final class LeftOut {
  private final Connection connection;
  private final SqlValues values;
  private final SchemaShape before;
  private final SchemaShape after;
  private final List<NotCaptured> found = new ArrayList<>();

  public LeftOut(Connection connection, SchemaShape before, SchemaShape after) throws SQLException {
    this.connection = connection;
    this.values = SqlValues.of(connection);
    this.before = before;
    this.after = after;
  }

  /**
   * Looks at the tables that are wanted.
   *
   * @param base the schema of the baseline
   */
  public List<NotCaptured> find(String base, Predicate<String> wanted) throws SQLException {
    for (TableShape table : after.tables()) {
      String named = table.kind() == TableShape.Kind.SHADOW ? after.ownerOf(table) : table.name();
      if (!wanted.test(named) || before.table(table.name()) == null) {
        continue;
      }
      switch (table.kind()) {
        case KEYED -> {
          if (TableMerge.mayHaveNulls(table) && differs(base, table, withNullKeys(table))) {
            found.add(new NotCaptured(table.name(), "rows with NULL in their key differ"));
          }
        }
        case WITHOUT_KEY, FOREIGN -> {
          boolean unreadable = table.kind() == TableShape.Kind.FOREIGN && table.withoutRowid();
          if (unreadable || differs(base, table, " NOT INDEXED")) {
            found.add(new NotCaptured(table.name(), table.kind().reason()));
          }
        }
        case SHADOW -> {
          NotCaptured owner = new NotCaptured(named, TableShape.Kind.VIRTUAL.reason());
          if (!found.contains(owner) && differs(base, table, " NOT INDEXED")) {
            found.add(owner);
          }
        }
        case STATISTICS, VIRTUAL, INTERNAL -> {}
      }
    }
    return found;
  }

  /** By the index of the key where that is of one column; NULLs come first in it. */
  private static String withNullKeys(TableShape table) {
    return (table.key().size() == 1 ? "" : " NOT INDEXED")
        + table.key().stream()
            .map(column -> column.sql() + " IS NULL")
            .collect(Collectors.joining(" OR ", " WHERE ", ""));
  }

  /** Row by row in the order in which they are stored. */
  private boolean differs(String base, TableShape table, String rest) throws SQLException {
    try (RowCursor a = rows(base, table, rest);
        RowCursor b = rows("main", table, rest)) {
      while (true) {
        Value @Nullable [] old = a.next();
        Value @Nullable [] now = b.next();
        if (old == null || now == null) {
          return old != now;
        }
        if (!Arrays.equals(old, now)) {
          return true;
        }
      }
    }
  }

  private RowCursor rows(String schema, TableShape table, String rest) throws SQLException {
    return new RowCursor(connection, values, "SELECT * FROM " + table.sql(schema) + rest);
  }
}
