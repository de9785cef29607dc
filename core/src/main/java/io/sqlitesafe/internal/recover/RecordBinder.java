package io.sqlitesafe.internal.recover;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.function.IntPredicate;

/**
 * Binds the values of records bit for bit. Stateless.
 *
 * <p>The trap: the driver binds text as a String, which loses bytes that are no text. A blob cast
 * to TEXT is taken as it is, in the encoding of the database (sqlite.org/lang_expr.html#castexpr).
 */
final class RecordBinder {
  private RecordBinder() {}

  /** Which values of a record are bound as blobs that are cast to text. */
  record Casts(int count, BitSet texts) {
    static Casts of(RecordView record) {
      BitSet texts = new BitSet(record.count);
      for (int i = 0; i < record.count; i++) {
        texts.set(i, record.isText(i));
      }
      return new Casts(record.count, texts);
    }

    /** NULL and empty text are the same, cast or not. */
    private static boolean isEither(RecordView record, int field) {
      return record.isNull(field) || (record.isText(field) && record.length(field) == 0);
    }

    /** Whether a statement made for this can take the record. */
    boolean take(RecordView record) {
      if (record.count != count) {
        return false;
      }
      for (int i = 0; i < count; i++) {
        if (!isEither(record, i) && texts.get(i) != record.isText(i)) {
          return false;
        }
      }
      return true;
    }

    /** Appends the values' places, separated by commas. */
    void appendTo(StringBuilder sql, IntPredicate wanted) {
      String comma = "";
      for (int i = 0; i < count; i++) {
        if (wanted.test(i)) {
          sql.append(comma).append(place(i));
          comma = ",";
        }
      }
    }

    String place(int field) {
      return texts.get(field) ? "CAST(? AS TEXT)" : "?";
    }
  }

  /** Binds all values from that place on. */
  static void bind(PreparedStatement statement, int first, RecordView record) throws SQLException {
    for (int i = 0; i < record.count; i++) {
      bindOne(statement, first + i, record, i);
    }
  }

  static void bindOne(PreparedStatement statement, int place, RecordView record, int field)
      throws SQLException {
    if (record.isNull(field)) {
      statement.setObject(place, null);
    } else if (record.isInteger(field)) {
      statement.setLong(place, record.bits(field));
    } else if (record.isReal(field)) {
      statement.setDouble(place, Double.longBitsToDouble(record.bits(field)));
    } else if (record.isText(field) && record.length(field) == 0) {
      statement.setString(place, "");
    } else {
      statement.setBytes(place, record.content(field));
    }
  }
}
