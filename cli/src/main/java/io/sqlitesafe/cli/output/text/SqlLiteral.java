package io.sqlitesafe.cli.output.text;

import io.sqlitesafe.sql.Cells;
import io.sqlitesafe.sql.MalformedText;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Values and names as SQL that the sqlite3 shell would write, and any SQLite reads. */
public final class SqlLiteral {
  private static final HexFormat HEX = HexFormat.of();

  private SqlLiteral() {}

  /** A value, bit for bit but for NaN, which SQLite stores as NULL. */
  public static String of(@Nullable Object value) {
    if (value == null || Values.isNull(value)) {
      return "NULL";
    }
    if (value instanceof byte[] bytes) {
      return "X'" + HEX.formatHex(bytes) + "'";
    }
    if (value instanceof MalformedText text) {
      return castBytes(text.bytes());
    }
    return value instanceof String text ? text(text, false) : Values.text(value);
  }

  /** Bytes that are no text, as text. */
  private static String castBytes(byte[] bytes) {
    return "CAST(X'" + HEX.formatHex(bytes) + "' AS TEXT)";
  }

  /**
   * A value as {@link #of} has it, but reals as SQLite itself writes them.
   *
   * @param newlines line ends stay as they are
   */
  public static void write(TextOut out, Cells row, int column, boolean newlines) {
    byte[] bytes = row.array(column);
    if (bytes == null) {
      out.add("NULL");
      return;
    }
    switch (row.type(column)) {
      case BLOB -> out.add("X'").addHex(bytes).add('\'');
      case REAL -> {
        int infinity = row.infinity(column);
        if (infinity != 0) {
          out.add(Values.real(infinity * Double.POSITIVE_INFINITY));
        } else {
          out.add(bytes, row.from(column), row.to(column));
        }
      }
      case TEXT -> text(out, row, column, bytes, newlines);
      default -> out.add(bytes, row.from(column), row.to(column));
    }
  }

  private static void text(TextOut out, Cells row, int column, byte[] bytes, boolean newlines) {
    MalformedText malformed = row.malformed(column);
    if (malformed != null) {
      out.add(castBytes(malformed.bytes()));
    } else if (hasMarks(bytes, newlines)) {
      out.add(text(new String(bytes, StandardCharsets.UTF_8), newlines));
    } else {
      out.add('\'').addDoubling(bytes, '\'').add('\'');
    }
  }

  private static boolean hasMarks(byte[] text, boolean newlines) {
    for (byte c : text) {
      if (c == 0 || (!newlines && (c == '\n' || c == '\r'))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Line ends go in by replace(), so that a statement stays on one line. SQLite stops reading at a
   * NUL, so that has to go in likewise.
   */
  private static String text(String text, boolean newlines) {
    String body = text;
    StringBuilder before = new StringBuilder();
    StringBuilder after = new StringBuilder();
    String[][] marks = {
      {"\0", "\\0", "\\000", "char(0)"},
      {"\r", "\\r", "\\015", "char(13)"},
      {"\n", "\\n", "\\012", "char(10)"}
    };
    for (String[] mark : marks) {
      if (text.contains(mark[0]) && (!newlines || mark[0].equals("\0"))) {
        String unused = unused(text, mark[1], mark[2]);
        body = body.replace(mark[0], unused);
        before.append("replace(");
        after.append(",'").append(unused).append("',").append(mark[3]).append(')');
      }
    }
    return before + "'" + body.replace("'", "''") + "'" + after;
  }

  private static String unused(String text, String first, String second) {
    if (!text.contains(first)) {
      return first;
    }
    String mark = second;
    for (int i = 0; text.contains(mark); i++) {
      mark = "(" + first + i + ")";
    }
    return mark;
  }

  /** A name, in quotes where it needs them. */
  public static String name(String name) {
    boolean plain =
        !name.isEmpty()
            && !Character.isDigit(name.charAt(0))
            && name.chars().allMatch(c -> c == '_' || (c < 0x80 && Character.isLetterOrDigit(c)))
            && !KEYWORDS.contains(name.toUpperCase(Locale.ROOT));
    return plain ? name : quotedName(name);
  }

  /** A name in quotes. */
  public static String quotedName(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** True for SQLite's own words (sqlite.org/lang_keywords.html). */
  public static boolean isKeyword(String word) {
    return KEYWORDS.contains(word.toUpperCase(Locale.ROOT));
  }

  /** All of them, in capitals. */
  public static Set<String> keywords() {
    return KEYWORDS;
  }

  private static final Set<String> KEYWORDS =
      Set.of(
          ("ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE"
                  + " BEGIN BETWEEN BY CASCADE CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT"
                  + " CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP"
                  + " DATABASE DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH"
                  + " ELSE END ESCAPE EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST"
                  + " FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP GROUPS HAVING IF IGNORE"
                  + " IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS"
                  + " ISNULL JOIN KEY LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING"
                  + " NOTNULL NULL NULLS OF OFFSET ON OR ORDER OTHERS OUTER OVER PARTITION PLAN PRAGMA"
                  + " PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE"
                  + " RENAME REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET"
                  + " TABLE TEMP TEMPORARY THEN TIES TO TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE"
                  + " UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT")
              .split(" "));
}
