package io.sqlitesafe.changeset.diff;

import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.TableShape;
import io.sqlitesafe.changeset.diff.PageFile.Unexpected;
import io.sqlitesafe.error.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A comparison that reads both files by itself, without SQLite. A leaf that belongs to the same
 * table in both, at the same place and with the same bytes, holds the same rows in both, provided
 * that their overflow pages are the same too; and so do equal records under one rowid. Only what
 * differs is made into values.
 *
 * <p>The caller's connections hold a read lock on both files, so that the file, with its
 * write-ahead log as that was then, is the snapshot. Whatever is not as expected (other page sizes,
 * a page that makes no sense) makes this of no use, and all rows are compared by SQLite.
 */
final class PageComparison {
  private final PageFile.Header header;
  private final Map<String, TablePages> tables = new HashMap<>();
  private final SamePages same;

  private PageComparison(PageFile.Header header, SamePages same) {
    this.header = header;
    this.same = same;
  }

  /**
   * Compares all pages, and finds those of these tables.
   *
   * @param chosen with one shape on both sides
   * @throws Unexpected where all rows have to be compared
   */
  static PageComparison of(
      PageFile now,
      PageFile base,
      Snapshots snapshots,
      ExportRequest request,
      List<TableShape> chosen,
      Cancellation cancellation)
      throws SQLException, Unexpected {
    try {
      PageFile.Header a = now.open(snapshots.log());
      PageFile.Header b = base.open(WalPages.NONE);
      requireComparable(a, b, request.baseline());
      int common = Math.min(a.pages(), b.pages());
      SamePages same = PageScan.run(now, base, common, a.usable(), request.threads(), cancellation);
      PageComparison comparison = new PageComparison(a, same);
      Connection connection = snapshots.first();
      Map<String, Integer> nowRoots = roots(connection, "main");
      Map<String, Integer> baseRoots = roots(connection, "base");
      for (TableShape table : chosen) {
        Integer nowRoot = nowRoots.get(table.name());
        Integer baseRoot = baseRoots.get(table.name());
        if (nowRoot != null && baseRoot != null) {
          PageTree nowTree = PageTree.walk(now, a, nowRoot);
          PageTree baseTree = PageTree.walk(base, b, baseRoot);
          comparison.add(connection, table, baseTree, nowTree, cancellation);
        }
      }
      return comparison;
    } catch (IOException e) {
      throw new Unexpected("pages cannot be read: " + e.getMessage());
    } catch (InternalError e) {
      throw new Unexpected("a file was cut off while it was read"); // a page that was mapped
    }
  }

  private static void requireComparable(PageFile.Header a, PageFile.Header b, Path baseline)
      throws IOException, Unexpected {
    if (a.pageSize() != b.pageSize() || a.usable() != b.usable() || a.encoding() != b.encoding()) {
      throw new Unexpected("the page sizes or text encodings differ");
    }
    Path log = baseline.resolveSibling(baseline.getFileName() + "-wal");
    if (b.version() != 1 && Files.exists(log) && Files.size(log) > 0) {
      throw new Unexpected("the baseline has a write-ahead log");
    }
  }

  private void add(
      Connection connection,
      TableShape table,
      PageTree base,
      PageTree now,
      Cancellation cancellation)
      throws SQLException {
    RowLayout layout = RowLayout.of(connection, "main", table, header.encoding());
    boolean comparable =
        layout.equals(RowLayout.of(connection, "base", table, header.encoding()))
            && now.table() != table.withoutRowid()
            && base.table() == now.table();
    if (comparable) {
      TableHeader of = new TableHeader(table.name(), table.keyBytes());
      TablePages pages = new TablePages(table, of, layout, base, now, same, cancellation);
      // All rows of a table WITHOUT ROWID would have to be sorted, which SQLite's index has done.
      if (now.table() || pages.suspects() <= pages.all() / 2) {
        tables.put(table.name(), pages);
      }
    }
  }

  Exported.PageCounts counts() {
    return new Exported.PageCounts(header.pages() - same.count(), header.pages());
  }

  /** Null where all rows of the table have to be compared by SQLite. */
  @Nullable TablePages table(TableShape table) {
    return tables.get(table.name());
  }

  private static Map<String, Integer> roots(Connection connection, String schema)
      throws SQLException {
    Map<String, Integer> roots = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT name, rootpage FROM "
                    + TableShape.quote(schema)
                    + ".sqlite_schema WHERE type = 'table' AND rootpage > 0")) {
      while (rows.next()) {
        roots.put(rows.getString(1), rows.getInt(2));
      }
    }
    return roots;
  }
}
