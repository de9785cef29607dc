package io.sqlitesafe.internal.capture;

import io.sqlitesafe.changeset.NotCaptured;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.changeset.TableShape.Kind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Notices which virtual tables a transaction writes to. They take no triggers, and their shadow
 * tables must get none (measured: SQLite 3.40 and 3.54 crash); but the program that SQLite compiles
 * a statement to, with all its triggers and foreign-key actions, shows its writes to virtual tables
 * (opcode VUpdate, sqlite.org/opcode.html), each with the address of the table.
 */
final class VirtualTables {
  private final Connection connection;
  private final List<TableShape> tables;
  private final Set<TableShape> written = new LinkedHashSet<>();
  private boolean unseen;

  VirtualTables(Connection connection, SchemaShape shape) {
    this.connection = connection;
    this.tables = shape.tables().stream().filter(table -> table.kind() == Kind.VIRTUAL).toList();
  }

  /** A statement is about to be run. */
  void prepared(String sql) {
    if (tables.isEmpty()) {
      return;
    }
    Set<String> addresses = addresses(sql);
    if (addresses.isEmpty()) {
      return;
    }
    for (TableShape table : tables) {
      Set<String> own = addresses("DELETE FROM " + table.sql("main"));
      if (own.isEmpty() || own.stream().anyMatch(addresses::contains)) {
        written.add(table);
      }
    }
  }

  /** Empty also for what is no statement that can be explained; running it will tell. */
  private Set<String> addresses(String sql) {
    Set<String> addresses = new LinkedHashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("EXPLAIN " + sql)) {
      while (rows.next()) {
        if (rows.getString("opcode").equals("VUpdate")) {
          addresses.add(String.valueOf(rows.getString("p4")));
        }
      }
    } catch (SQLException notExplained) {
      return Set.of();
    }
    return addresses;
  }

  /** Statements may run that nobody shows to this. */
  void bypassed() {
    unseen = true;
  }

  void addTo(List<NotCaptured> missing) {
    if (unseen) {
      tables.forEach(
          table ->
              missing.add(
                  new NotCaptured(
                      table.name(),
                      table.kind().reason()
                          + ", and may have been changed through the JDBC connection")));
    } else {
      written.forEach(table -> noteChanged(table.name(), missing));
    }
  }

  static void noteChanged(String table, List<NotCaptured> missing) {
    NotCaptured changed = new NotCaptured(table, Kind.VIRTUAL.reason());
    if (!missing.contains(changed)) {
      missing.add(changed);
    }
  }
}
