package io.sqlitesafe.recover;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a recovery brought.
 *
 * @param file the new database
 * @param state which state of the damaged one was read, for people
 * @param layout what had to be guessed of the file
 * @param pageSize in bytes
 * @param pageCount pages of the damaged file
 * @param tables of the new database, in the order of their making
 * @param lostAndFound rows that belong to no table; null where there are none
 * @param deleted rows that were deleted before; null where there are none, or none were wanted
 * @param rebuilt indexes and full-text indexes that were made anew
 * @param notMade parts of the schema that could not be made, each with its statement
 * @param notes what else should be known
 * @param schemaComplete no part of the schema is lost
 * @param headerComplete the header was there: without it user_version and application_id are lost
 * @param logComplete the write-ahead log has no transactions that cannot be read
 * @param mixed somebody else may have written meanwhile, so that rows may be of two moments
 * @param checked what the integrity check found in the new database; empty = it is sound
 * @param elapsed time it took
 */
public record RecoverResult(
    Path file,
    String state,
    List<String> layout,
    int pageSize,
    long pageCount,
    List<Table> tables,
    @Nullable Extra lostAndFound,
    @Nullable Extra deleted,
    List<String> rebuilt,
    List<NotMade> notMade,
    List<String> notes,
    boolean schemaComplete,
    boolean headerComplete,
    boolean logComplete,
    boolean mixed,
    List<String> checked,
    Duration elapsed) {

  /** A table of rows that have none of their own. */
  public record Extra(String table, long rows) {}

  /** A part of the schema that could not be made. */
  public record NotMade(String name, String why, @Nullable String sql) {}

  /**
   * Pages that could not be read.
   *
   * @param page the first of them; 0 where not even that is known
   * @param above rowids that are missing are greater than this; null = unknown
   * @param upTo rowids that are missing are not greater than this; null = unknown
   * @param why what is wrong with the page
   */
  public record Missing(int page, @Nullable Long above, @Nullable Long upTo, String why) {}

  /**
   * A table.
   *
   * @param rows that it has now
   * @param pages from which they are
   * @param attached of these, pages that nothing pointed to, and that belong to it by what they
   *     hold
   * @param missing pages that could not be read
   * @param doubtful damaged rows of it, which are among those without a table
   * @param lostRows cells in which nothing could be read
   * @param twice rows that were found twice, and kept once
   * @param conflicts rows that its keys cannot hold, which are in {@code conflictsTable}
   */
  public record Table(
      String name,
      long rows,
      int pages,
      int attached,
      List<Missing> missing,
      long doubtful,
      long lostRows,
      long twice,
      long conflicts,
      @Nullable String conflictsTable) {

    /** Whether rows of it are missing, as far as can be told. */
    public boolean isComplete() {
      return missing.isEmpty() && doubtful == 0 && lostRows == 0 && conflicts == 0;
    }
  }

  /** Whether nothing is missing, as far as can be told. */
  public boolean isComplete() {
    return schemaComplete
        && headerComplete
        && logComplete
        && notMade.isEmpty()
        && lostAndFound == null
        && checked.isEmpty()
        && tables.stream().allMatch(Table::isComplete);
  }

  /** Rows in tables, and elsewhere. */
  public long rows() {
    long rows = lostAndFound == null ? 0 : lostAndFound.rows();
    for (Table table : tables) {
      rows += table.rows() + table.conflicts();
    }
    return rows;
  }
}
