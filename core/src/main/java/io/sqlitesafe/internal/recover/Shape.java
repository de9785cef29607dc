package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.changeset.Affinity;
import java.util.List;

/**
 * What the records of a table look like, to tell whether a record can be one of its rows.
 * Immutable.
 *
 * @param fields in the order of the record
 */
record Shape(List<Field> fields) {
  /** Of any table. */
  static final Shape ANY = new Shape(List.of());

  /** Of {@code sqlite_schema}. */
  static final Shape SCHEMA =
      new Shape(
          List.of(
              new Field("type", Affinity.TEXT, false, false, false, true, false),
              new Field("name", Affinity.TEXT, false, false, false, true, false),
              new Field("tbl_name", Affinity.TEXT, false, false, false, true, false),
              new Field("rootpage", Affinity.INTEGER, false, false, false, true, false),
              new Field("sql", Affinity.TEXT, false, false, false, true, false)));

  /**
   * One field.
   *
   * @param alias another name of the rowid, and NULL in the record
   * @param notNull without a default that would be there for rows older than the column
   * @param generated computed, and not to be inserted
   * @param typed has a declared type
   * @param strict nothing of another type can be stored
   */
  record Field(
      String name,
      Affinity affinity,
      boolean alias,
      boolean notNull,
      boolean generated,
      boolean typed,
      boolean strict) {

    /** Whether SQLite can have stored this. */
    boolean fits(RecordView record, int field) {
      if (record.isNull(field)) {
        return alias || !notNull;
      }
      if (alias) {
        return false;
      }
      if (strict) {
        return isUsual(record, field);
      }
      return affinity != Affinity.TEXT || record.isText(field) || record.isBlob(field);
    }

    /** Whether it is what is mostly stored. */
    boolean isUsual(RecordView record, int field) {
      return switch (affinity) {
        case TEXT -> record.isText(field);
        case INTEGER -> record.isInteger(field);
        case REAL -> record.isReal(field) || record.isInteger(field);
        case NUMERIC -> !record.isBlob(field);
        case BLOB -> !typed || record.isBlob(field) || strict;
      };
    }
  }

  /** Whether a record can be a row. */
  boolean fits(RecordView record) {
    if (fields.isEmpty() || record.count > fields.size() || record.count == 0) {
      return fields.isEmpty() && record.count > 0;
    }
    for (int i = 0; i < record.count; i++) {
      if (!fields.get(i).fits(record, i)) {
        return false;
      }
    }
    return true;
  }

  /** How much a row of this table it is, from 0 to 1000: what says nothing counts less. */
  int likeness(RecordView record) {
    if (!fits(record)) {
      return 0;
    }
    int points = 0;
    for (int i = 0; i < record.count; i++) {
      Field field = fields.get(i);
      boolean telling = field.typed() || field.alias();
      boolean usual = record.isNull(i) || field.isUsual(record, i);
      points += !usual ? 0 : telling ? 1000 : 700;
    }
    int whole = points / record.count;
    // Rows that are older than a column are rare.
    return Math.max(1, record.count == fields.size() ? whole : whole * 9 / 10);
  }
}
