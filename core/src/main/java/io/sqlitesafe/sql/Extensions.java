package io.sqlitesafe.sql;

import io.sqlitesafe.internal.db.Database;
import org.jspecify.annotations.Nullable;

/**
 * SQL that makes a connection load a library of functions, collations and modules, as far as {@link
 * Database} lets it: while it opens, and never again. Such a library is a program that runs with
 * all rights of this one (sqlite.org/loadext.html).
 */
public final class Extensions {
  public static final String BEGIN = "SELECT load_extension(";
  public static final String END = ");/*loaded*/";

  private Extensions() {}

  /**
   * For one library; the SQL of several may be joined.
   *
   * @param library a file where it has a slash, else a name that the system looks up
   * @param entry the function to call; null = by SQLite's rules
   */
  public static String sql(String library, @Nullable String entry) {
    return BEGIN + quoted(library) + (entry == null ? "" : "," + quoted(entry)) + END;
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
