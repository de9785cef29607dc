package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.ExportRequest;
import io.sqlitesafe.changeset.Exported;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.diff.PageFile.Unexpected;
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
public final class PageComparison implements AutoCloseable {
  /** Of memory for one page, while its place in its tables' order is known. */
  private static final int BYTES_FOR_A_PAGE = 64;

  private final PageScan.Pair pair;
  private final Map<String, TablePages> tables = new HashMap<>();
  private final SamePages same = new SamePages();

  private PageComparison(PageScan.Pair pair) {
    this.pair = pair;
  }

  /**
   * Compares all pages, and finds those of these tables.
   *
   * @param chosen with one shape on both sides
   * @param sink takes the differences that were found by the way; worthless if this fails
   * @throws Unexpected where all rows have to be compared
   */
  public static PageComparison of(
      PageFile now,
      PageFile base,
      Snapshots snapshots,
      ExportRequest request,
      List<TableShape> chosen,
      ChangeSink sink,
      Cancellation cancellation)
      throws SQLException, Unexpected {
    MovedRows moved = new MovedRows();
    try {
      PageFile.Header a = now.open(snapshots.log());
      PageFile.Header b = base.open(WalPages.NONE);
      requireComparable(a, b, request.baseline().place());
      SharedLeaves shared = new SharedLeaves(Math.min(a.pages(), b.pages()));
      PageComparison comparison =
          new PageComparison(new PageScan.Pair(now, a, base, b, shared, sink, moved));
      comparison.findTables(snapshots.first(), chosen, cancellation);
      comparison.same.addAll(PageScan.run(comparison.pair, request.threads(), cancellation));
      // All rows of a table WITHOUT ROWID would have to be sorted, which SQLite's index has done.
      comparison
          .tables
          .values()
          .removeIf(table -> !table.now().table() && table.suspects() > table.all() / 2);
      return comparison;
    } catch (IOException e) {
      moved.close();
      throw new Unexpected("pages cannot be read: " + e.getMessage());
    } catch (SQLException | Unexpected | RuntimeException | Error e) {
      moved.close();
      throw e;
    }
  }

  private void findTables(Connection connection, List<TableShape> chosen, Cancellation cancellation)
      throws SQLException, Unexpected {
    Map<String, Integer> nowRoots = roots(connection, "main");
    Map<String, Integer> baseRoots = roots(connection, "base");
    for (TableShape table : chosen) {
      Integer nowRoot = nowRoots.get(table.name());
      Integer baseRoot = baseRoots.get(table.name());
      if (nowRoot != null && baseRoot != null) {
        PageTree nowTree = PageTree.walk(pair.now(), pair.nowHeader(), nowRoot);
        PageTree baseTree = PageTree.walk(pair.base(), pair.baseHeader(), baseRoot);
        add(connection, table, baseTree, nowTree, cancellation);
      }
    }
  }

  private static void requireComparable(PageFile.Header a, PageFile.Header b, Path baseline)
      throws IOException, Unexpected {
    if (a.pageSize() != b.pageSize() || a.usable() != b.usable() || a.encoding() != b.encoding()) {
      throw new Unexpected("the page sizes or text encodings differ");
    }
    Path log = baseline.resolveSibling(baseline.getFileName() + "-wal");
    long memory = Runtime.getRuntime().maxMemory() / 2;
    if ((long) a.pages() + b.pages() > memory / BYTES_FOR_A_PAGE) {
      throw new Unexpected("there are more pages than there is memory for");
    }
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
    int encoding = pair.nowHeader().encoding();
    RowLayout layout = RowLayout.of(connection, "main", table, encoding);
    boolean comparable =
        layout.equals(RowLayout.of(connection, "base", table, encoding))
            && now.table() != table.withoutRowid()
            && base.table() == now.table();
    if (comparable) {
      TableHeader of = new TableHeader(table.name(), table.keyBytes());
      TablePages pages = new TablePages(table, of, layout, base, now, same, cancellation);
      tables.put(table.name(), pages);
      if (now.table()) {
        pair.shared().add(pages);
      }
    }
  }

  public Exported.PageCounts counts() {
    int pages = pair.nowHeader().pages();
    return new Exported.PageCounts(pages - same.count(), pages);
  }

  /** Rows that lie elsewhere than they did, if they did at all, of all tables. */
  MovedRows moved() {
    return pair.moved();
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

  @Override
  public void close() {
    moved().close();
  }
}
