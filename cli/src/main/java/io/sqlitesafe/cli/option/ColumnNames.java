package io.sqlitesafe.cli.option;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.Settings;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.db.SqlErrors;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The names of columns, which a changeset does not hold, from a database that has its tables. */
public final class ColumnNames implements Function<TableHeader, @Nullable List<String>> {
  private final SchemaShape shapes;
  private final SchemaShape byRowid;

  private ColumnNames(SchemaShape shapes, SchemaShape byRowid) {
    this.shapes = shapes;
    this.byRowid = byRowid;
  }

  /** Reads the schema. */
  public static ColumnNames of(Path database, Settings settings) {
    return SafeDatabase.of(database, settings)
        .read(
            session -> {
              try {
                Connection connection = session.connection();
                return new ColumnNames(
                    SchemaShape.of(connection, "main"), SchemaShape.of(connection, "main", true));
              } catch (SQLException e) {
                throw SqlErrors.translate(e, database, "");
              }
            });
  }

  /** Null where the database has no such table, or one with fewer columns. */
  @Override
  public @Nullable List<String> apply(TableHeader table) {
    TableShape plain = shapes.table(table.name());
    TableShape shape =
        plain != null && plain.kind() == TableShape.Kind.WITHOUT_KEY
            ? byRowid.table(table.name()) // no changeset holds it in another way
            : plain;
    if (shape == null || shape.columns().size() < table.columns()) {
      return null;
    }
    return shape.columns().subList(0, table.columns()).stream()
        .map(TableShape.Column::name)
        .toList();
  }
}
