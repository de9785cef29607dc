package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.input.RowReader;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.PreparedSql;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows that name their columns, of JSON Lines or TSV, into a table, which is made where it is
 * missing. The first row's columns are those of all; one that lacks some has NULL there. All or
 * nothing. For one use.
 */
final class ImportObjects {
  private final RowReader rows;
  private final String table;
  private final ImportTable to;

  ImportObjects(RowReader rows, String table) {
    this.rows = rows;
    this.table = table;
    this.to = new ImportTable(table);
  }

  /** Returns how many rows there were. */
  Long run(Handle handle) {
    Map<String, @Nullable Object> first = rows.next();
    if (first == null) {
      return 0L;
    }
    List<String> columns = List.copyOf(first.keySet());
    if (handle.rows("SELECT 1 FROM pragma_table_info(?) LIMIT 1", table).isEmpty()) {
      to.create(handle, columns);
    }
    long count = 0;
    try (PreparedSql insert = to.insert(handle, columns)) {
      for (Map<String, @Nullable Object> row = first; row != null; row = rows.next()) {
        insert(insert, columns, row);
        count++;
      }
    }
    return count;
  }

  private void insert(PreparedSql insert, List<String> columns, Map<String, @Nullable Object> row) {
    for (String name : row.keySet()) {
      if (!columns.contains(name)) {
        throw ImportTable.at(
            rows.lineNumber(),
            new SqliteSafeException(
                ErrorKind.USAGE,
                "\"" + name + "\" is not among the columns of the first row",
                "nothing was imported"));
      }
    }
    List<@Nullable Object> values = new ArrayList<>(columns.size());
    columns.forEach(name -> values.add(row.get(name)));
    ImportTable.run(insert, values, rows.lineNumber());
  }
}
