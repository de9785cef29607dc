package io.sqlitesafe.changeset;

import io.sqlitesafe.sql.OpenMode;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A difference of two database files to be made.
 *
 * @param database what is
 * @param baseline what was; for READ, or IMMUTABLE where nobody has it open
 * @param tables only these; empty = all
 * @param exclude not these
 * @param pages an open channel of {@code database}, which allows a comparison of pages first; null
 *     = compare all rows. It must stay open until no connection of this process has the database
 *     open: closing any descriptor of a file drops all POSIX locks that the process has on it
 *     (sqlite.org/howtocorrupt.html, section 2.2).
 * @param verify compare all rows too, and fail where that finds something else
 * @param threads how many connections may work at once
 * @param requireComplete fail where something differs that a changeset cannot hold
 * @param rowids compare tables without PRIMARY KEY by their rowids
 * @param loading extensions for the connections: SQL of {@link io.sqlitesafe.sql.Extensions}
 */
public record ExportRequest(
    Side database,
    Side baseline,
    Format format,
    List<String> tables,
    List<String> exclude,
    @Nullable FileChannel pages,
    boolean verify,
    int threads,
    boolean requireComplete,
    boolean rowids,
    String loading) {
  /**
   * One of the two files.
   *
   * @param name what messages call it
   * @param place the file to open: that one, or a copy of it
   * @param mode how to open it for reading
   */
  public record Side(Path name, Path place, OpenMode mode) {}
}
