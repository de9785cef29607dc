package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.internal.changeset.Affinity;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.changeset.TableShape.Column;
import io.sqlitesafe.internal.diff.PageFile.Unexpected;
import io.sqlitesafe.internal.pages.PageFormat;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of one table are stored, and so what a record of it says: the columns of a table
 * WITHOUT ROWID begin with its key, generated columns are stored or not, a REAL may be stored as an
 * integer, another name of the rowid is stored as NULL, and columns that were added later are not
 * in records made before (sqlite.org/fileformat2.html, sections 2.1 to 2.4). Equal layouts make the
 * same rows of the same bytes. Immutable.
 *
 * @param columns of the table, without generated ones
 * @param alias the column that is another name of the rowid, counted from 0, or -1
 * @param encoding as the file's header has it: 1 = UTF-8, 2 = UTF-16le, 3 = UTF-16be
 */
record RowLayout(List<Stored> stored, int columns, int alias, boolean withoutRowid, int encoding) {
  /**
   * A column of the record.
   *
   * @param place among the table's columns, or -1 for a generated one
   * @param missing what it is where the record ends before it; null where only SQLite knows
   */
  record Stored(int place, boolean real, @Nullable Value missing) {}

  static RowLayout of(Connection connection, String schema, TableShape table, int encoding)
      throws SQLException {
    String sql =
        table.withoutRowid()
            ? "SELECT x.name FROM pragma_index_list(?1, ?2) i, pragma_index_xinfo(i.name, ?2) x"
                + " WHERE i.origin = 'pk' ORDER BY x.seqno"
            // hidden: 2 = generated and not stored, 3 = generated and stored
            : "SELECT name FROM pragma_table_xinfo(?1, ?2) WHERE hidden IN (0, 3) ORDER BY cid";
    List<Stored> stored = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setString(1, table.name());
      query.setString(2, schema);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          stored.add(stored(connection, table, rows.getString(1)));
        }
      }
    }
    int alias = table.rowidAlias() ? table.keyPlaces()[0] : -1;
    return new RowLayout(
        List.copyOf(stored), table.columns().size(), alias, table.withoutRowid(), encoding);
  }

  private static Stored stored(Connection connection, TableShape table, String name)
      throws SQLException {
    for (int i = 0; i < table.columns().size(); i++) {
      Column column = table.columns().get(i);
      if (column.name().equals(name)) {
        return new Stored(
            i,
            Affinity.of(column.type(), table.strict()) == Affinity.REAL,
            missing(connection, table, column));
      }
    }
    return new Stored(-1, false, Value.NULL);
  }

  /** A default that needs no conversion beside that to REAL, or one that can be told. */
  private static @Nullable Value missing(Connection connection, TableShape table, Column column)
      throws SQLException {
    if (column.defaultSql() == null) {
      return Value.NULL;
    }
    Value value;
    try (RowCursor row =
        new RowCursor(
            connection, SqlValues.of(connection), "SELECT (" + column.defaultSql() + ")")) {
      Value[] only = row.next();
      value = only == null ? Value.NULL : only[0];
    } catch (SQLException noConstant) {
      return null;
    }
    return Affinity.of(column.type(), table.strict()).apply(value);
  }

  /** The values of the table's columns. */
  Value[] row(RecordBytes record, long rowid) throws Unexpected {
    return new Reading(record).row(rowid);
  }

  /** Of one record. */
  private final class Reading {
    private final byte[] bytes;
    private final int end;
    private int at;

    Reading(RecordBytes record) {
      bytes = record.bytes();
      at = record.start();
      end = record.end();
    }

    Value[] row(long rowid) throws Unexpected {
      Value[] row = new Value[columns];
      Arrays.fill(row, Value.NULL);
      int begin = at;
      long length = varint(end);
      if (length < at - begin || length > end - begin) {
        throw new Unexpected("the head of a record is longer than the record");
      }
      int headEnd = begin + (int) length;
      int body = headEnd;
      for (Stored column : stored) {
        Value value;
        if (at < headEnd) {
          long type = varint(headEnd);
          long size = size(type);
          if (size > end - body) {
            throw new Unexpected("a record ends before its last value");
          }
          value = column.place < 0 ? Value.NULL : value(type, body, (int) size, column.real);
          body += (int) size;
        } else {
          value = missing(column);
        }
        if (column.place >= 0) {
          row[column.place] = value;
        }
      }
      if (alias >= 0) {
        row[alias] = Value.integer(rowid);
      }
      return row;
    }

    private Value missing(Stored column) throws Unexpected {
      if (column.missing == null) {
        throw new Unexpected("rows are older than a column with an odd default");
      }
      return column.missing;
    }

    private long varint(int limit) throws Unexpected {
      int length = PageFormat.varintLength(bytes, at, limit);
      if (length == 0) {
        throw new Unexpected("a number goes beyond its record");
      }
      at += length;
      return PageFormat.varint(bytes, at - length, length);
    }

    private static long size(long type) throws Unexpected {
      long size = PageFormat.size(type);
      if (size < 0) {
        throw new Unexpected("a record has a value of the type " + type);
      }
      return size;
    }

    private Value value(long type, int start, int size, boolean real) throws Unexpected {
      if (type >= 12) {
        byte[] content = Arrays.copyOfRange(bytes, start, start + size);
        return (type & 1) == 0 ? Value.blob(content) : text(content);
      }
      if (type == 0) {
        return Value.NULL;
      }
      if (type == 7) {
        return Value.real(Double.longBitsToDouble(integer(start, size)));
      }
      long whole = type == 8 ? 0 : type == 9 ? 1 : integer(start, size);
      return real ? Value.real(whole) : Value.integer(whole);
    }

    private long integer(int start, int size) {
      long value = bytes[start];
      for (int i = 1; i < size; i++) {
        value = value << 8 | (bytes[start + i] & 0xff);
      }
      return value;
    }

    private Value text(byte[] content) throws Unexpected {
      if (encoding == 1) {
        return Value.text(content);
      }
      Charset charset = encoding == 2 ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
      try {
        return Value.text(charset.newDecoder().decode(ByteBuffer.wrap(content)).toString());
      } catch (CharacterCodingException e) {
        throw new Unexpected("a text is not well-formed"); // SQLite has its own way with it
      }
    }
  }
}
