package io.sqlitesafe.changeset;

/**
 * How much a changeset holds.
 *
 * @param tables sections, which is the number of tables where the order is canonical
 * @param bytes its length
 */
public record ChangeCounts(long tables, long inserts, long updates, long deletes, long bytes) {
  public long changes() {
    return inserts + updates + deletes;
  }
}
