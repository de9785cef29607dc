package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.input.DelimitedReader;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.PreparedSql;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Records of a text file into a table. The first one names the columns where the table is not there
 * yet, and then makes it, or where it holds nothing but names of the table's columns; else it is a
 * row like any other. All or nothing. For one use.
 */
final class Import {
  private final DelimitedReader records;
  private final String table;
  private final ImportTable to;
  private final Consumer<String> voice;
  private long ragged;

  /**
   * @param voice takes warnings
   */
  Import(DelimitedReader records, String table, Consumer<String> voice) {
    this.records = records;
    this.table = table;
    this.to = new ImportTable(table);
    this.voice = voice;
  }

  /**
   * Returns how many rows there were.
   *
   * @param skip records to pass over
   */
  long run(Handle handle, long skip) {
    for (long i = 0; i < skip; i++) {
      records.next();
    }
    List<String> first = records.next();
    List<String> columns =
        Catalog.column(
            handle, "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid", table);
    if (first == null) {
      requireTable(columns);
      return 0;
    }
    if (columns.isEmpty()) {
      columns = unique(first);
      to.create(handle, columns);
      first = records.next();
    } else if (isHeader(first, columns)) {
      columns = first;
      first = records.next();
    }
    long count = 0;
    try (PreparedSql insert = to.insert(handle, columns)) {
      for (List<String> row = first; row != null; row = records.next()) {
        insert(insert, columns.size(), row);
        count++;
      }
    }
    return count;
  }

  private void requireTable(List<String> columns) {
    if (columns.isEmpty()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          records.name() + " has no line that could name the columns of " + table,
          "nothing was imported, and there is no such table; check the file, and --skip");
    }
  }

  private boolean isHeader(List<String> first, List<String> columns) {
    Set<String> known =
        columns.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    List<String> strange =
        first.stream().filter(name -> !known.contains(name.toLowerCase(Locale.ROOT))).toList();
    if (strange.isEmpty()) {
      return true;
    }
    if (first.size() - strange.size() > first.size() / 2) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          records.name()
              + ", line "
              + records.lineNumber()
              + ": names columns of "
              + table
              + ", but also \""
              + strange.get(0)
              + "\"",
          "nothing was imported; correct the name, or pass over that line by --skip 1");
    }
    return false;
  }

  private void insert(PreparedSql insert, int columns, List<String> row) {
    List<@Nullable String> values = new ArrayList<>(row);
    if (row.size() != columns) {
      ragged++;
      if (ragged <= 10) {
        voice.accept(
            records.name()
                + ", line "
                + records.lineNumber()
                + ": expected "
                + columns
                + " columns but found "
                + row.size()
                + (row.size() < columns ? ": the rest is NULL" : ": the others are left out"));
      }
      while (values.size() < columns) {
        values.add(null);
      }
      values = values.subList(0, columns);
    }
    ImportTable.run(insert, values, records.lineNumber());
  }

  /** Names for a table's columns: none empty, and each another. */
  private static List<String> unique(List<String> names) {
    List<String> unique = new ArrayList<>();
    for (String name : names) {
      String base = name.isEmpty() ? "c" + (unique.size() + 1) : name;
      String candidate = base;
      for (int i = 2; contains(unique, candidate); i++) {
        candidate = base + "_" + i;
      }
      unique.add(candidate);
    }
    return unique;
  }

  private static boolean contains(List<String> names, String name) {
    return names.stream().anyMatch(name::equalsIgnoreCase);
  }
}
