package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.ValueText;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether a database has the table that a changeset means. SQLite's conditions
 * (sqlite.org/session/sqlite3changeset_apply.html): there is a table of that name, with the same
 * primary key, and at least as many columns. Names of columns do not matter.
 */
public final class Fit {
  private Fit() {}

  /** The table, or PRECONDITION. */
  public static TableShape require(
      TableHeader header, SchemaShape shapes, String changeset, Path database) {
    TableShape shape = shapes.table(header.name());
    String wrong = problem(header, shape);
    if (wrong != null || shape == null) {
      throw new SqliteSafeException(
              ErrorKind.PRECONDITION,
              changeset + " does not fit " + database + ": " + wrong,
              "nothing was changed; "
                  + (isByRowid(header, shape)
                      ? "if the changeset goes by rowids: --rowid-tables"
                      : shape != null && shape.kind() == TableShape.Kind.FOREIGN
                          ? "load what brings the collation (--load-extension)"
                          : "bring the database to the schema that the changeset was made for"))
          .with("table", header.name());
    }
    return shape;
  }

  /** Whether a changeset looks as if made with rowids for the keys of this table. */
  private static boolean isByRowid(TableHeader header, @Nullable TableShape shape) {
    return shape != null
        && shape.kind() == TableShape.Kind.WITHOUT_KEY
        && header.columns() <= shape.columns().size() + 1
        && header.keyPosition(0) == 1
        && header.keyColumnsUncopied().length == 1;
  }

  /** What is wrong, as a clause, or null. */
  public static @Nullable String problem(TableHeader header, @Nullable TableShape shape) {
    String name = ValueText.name(header.name());
    if (shape == null) {
      return "there is no table " + name;
    }
    if (!shape.kind().capturable()) {
      return "table "
          + header.name()
          + " cannot be changed by it, because "
          + shape.kind().reason();
    }
    byte[] keys = shape.keyBytes();
    if (keys.length < header.columns()) {
      return "table "
          + name
          + " has "
          + keys.length
          + " columns, the changeset "
          + header.columns();
    }
    for (int i = 0; i < keys.length; i++) {
      int wanted = i < header.columns() ? header.keyPosition(i) : 0;
      if ((keys[i] & 0xff) != wanted) {
        return "table " + name + " has another primary key";
      }
    }
    return null;
  }
}
