package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.sql.Handle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sqlite3 shell's .sha3sum: a hash of a database's content that does not depend on how it is
 * laid out in the file. For one use.
 */
final class ContentHash {
  private final Handle handle;
  private final StoredValues values;
  private final MessageDigest digest;

  ContentHash(Handle handle, int bits) {
    this.handle = handle;
    this.values = new StoredValues(handle);
    try {
      this.digest = MessageDigest.getInstance("SHA3-" + bits);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /**
   * Of the tables LIKE the pattern.
   *
   * @param schema of the schema too
   * @return hexadecimal digits; empty where there is nothing to hash, as sqlite3 has it
   */
  String of(String pattern, boolean schema) {
    List<String> tables =
        Catalog.column(
            handle,
            "SELECT lower(name) FROM sqlite_schema WHERE type = 'table'"
                + " AND coalesce(rootpage, 0) > 1 AND name LIKE ?1"
                + (schema ? "" : " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
                + (schema ? " UNION ALL SELECT 'sqlite_schema'" : "")
                + " ORDER BY 1 COLLATE NOCASE",
            pattern);
    tables.forEach(this::table);
    return tables.isEmpty() ? "" : HexFormat.of().formatHex(digest.digest());
  }

  private void table(String name) {
    switch (name) {
      case "sqlite_schema" ->
          add("SELECT type,name,tbl_name,sql FROM ", "sqlite_schema ORDER BY name;", name, 4);
      case "sqlite_sequence" ->
          add("SELECT name,seq FROM ", "sqlite_sequence ORDER BY name;", name, 2);
      case "sqlite_stat1" ->
          add("SELECT tbl,idx,stat FROM ", "sqlite_stat1 ORDER BY tbl,idx;", name, 3);
      case "sqlite_stat4" ->
          add(
              "SELECT tbl, idx, neq, nlt, ndlt, sample FROM ",
              "sqlite_stat4 ORDER BY tbl, idx, rowid;\n",
              name,
              6);
      default -> {
        if (!name.startsWith("sqlite_")) {
          String from = SqlLiteral.quotedName(name) + " NOT INDEXED";
          add("SELECT * FROM ", from + ";", name, 0);
        }
      }
    }
  }

  private void add(String select, String rest, String table, int count) {
    text('S', (select + rest).strip().getBytes(StandardCharsets.UTF_8));
    List<String> columns =
        count == 0
            ? Catalog.column(
                handle,
                "SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid",
                table)
            : List.of(
                select
                    .substring("SELECT ".length(), select.length() - " FROM ".length())
                    .split(", ?"));
    values.forEach(
        columns,
        rest.strip().replace(";", ""),
        row -> {
          digest.update((byte) 'R');
          for (Object value : row) {
            value(value);
          }
        });
  }

  private void value(@Nullable Object value) {
    if (value instanceof Long integer) {
      digest.update((byte) 'I');
      digest.update(ByteBuffer.allocate(8).putLong(0, integer));
    } else if (value instanceof Double real) {
      digest.update((byte) 'F');
      digest.update(ByteBuffer.allocate(8).putLong(0, Double.doubleToRawLongBits(real)));
    } else if (value instanceof StoredValues.Text text) {
      text('T', text.utf8());
    } else if (value instanceof byte[] bytes) {
      text('B', bytes);
    } else {
      digest.update((byte) 'N');
    }
  }

  private void text(char kind, byte[] bytes) {
    digest.update((kind + "" + bytes.length + ":").getBytes(StandardCharsets.UTF_8));
    digest.update(bytes);
  }
}
