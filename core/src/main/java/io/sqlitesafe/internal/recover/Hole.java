package io.sqlitesafe.internal.recover;

/**
 * A part of a table whose pages could not be read.
 *
 * @param page where it should begin; 0 where not even that is known
 * @param above rowids in it are greater; {@link Long#MIN_VALUE} = that is not known
 * @param upTo rowids in it are not greater; {@link Long#MAX_VALUE} = that is not known
 * @param leaf it is one page
 * @param why what is wrong with that page
 */
record Hole(int page, long above, long upTo, boolean leaf, String why) {
  boolean holds(long rowid) {
    return rowid > above && rowid <= upTo;
  }
}
