package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.RowSink;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The values of a table as they are stored. The driver decodes text and replaces what is malformed,
 * and SQLite lets any bytes be text; so text is read as the bytes that it is.
 */
final class StoredValues {
  /** A text value in bytes of the database's encoding. */
  record Text(byte[] bytes, Charset charset) {
    /** The text, or null where the bytes are none. */
    @Nullable String decoded() {
      try {
        return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        return null;
      }
    }

    byte[] utf8() {
      String text = decoded();
      return charset.equals(StandardCharsets.UTF_8) || text == null
          ? bytes
          : text.getBytes(StandardCharsets.UTF_8);
    }
  }

  private final Handle handle;
  private final Charset charset;

  StoredValues(Handle handle) {
    this.handle = handle;
    this.charset =
        switch (String.valueOf(handle.value("PRAGMA encoding"))) {
          case "UTF-16le" -> StandardCharsets.UTF_16LE;
          case "UTF-16be" -> StandardCharsets.UTF_16BE;
          default -> StandardCharsets.UTF_8;
        };
  }

  /**
   * Streams the rows of a table.
   *
   * @param from what follows FROM
   * @param row takes null, Long, Double, byte[] and {@link Text}
   */
  void forEach(List<String> columns, String from, Consumer<@Nullable Object[]> row) {
    StringBuilder sql = new StringBuilder("SELECT ");
    for (int i = 0; i < columns.size(); i++) {
      String name = SqlLiteral.quotedName(columns.get(i));
      sql.append(i == 0 ? "" : ", ")
          .append("typeof(")
          .append(name)
          .append(") = 'text', CASE typeof(");
      sql.append(name).append(") WHEN 'text' THEN CAST(").append(name);
      sql.append(" AS BLOB) ELSE ").append(name).append(" END");
    }
    sql.append(" FROM ").append(from);
    handle.query(
        sql.toString(), names -> (RowSink.Rows.OfValues) values -> row.accept(stored(values)));
  }

  private @Nullable Object[] stored(@Nullable Object[] pairs) {
    @Nullable Object[] values = new @Nullable Object[pairs.length / 2];
    for (int i = 0; i < values.length; i++) {
      Object value = pairs[2 * i + 1];
      boolean text = Long.valueOf(1).equals(pairs[2 * i]);
      // The driver gives null for a BLOB of no bytes only where it is NULL, and text is none here.
      values[i] = text ? new Text(value instanceof byte[] b ? b : new byte[0], charset) : value;
    }
    return values;
  }
}
