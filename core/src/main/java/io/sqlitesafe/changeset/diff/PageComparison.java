package io.sqlitesafe.changeset.diff;

import io.sqlitesafe.changeset.TableShape;
import io.sqlitesafe.changeset.diff.PageFile.Unexpected;
import io.sqlitesafe.error.Cancellation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a database can differ from those of an earlier copy of its pages. A leaf page that
 * belongs to the same table in both files, at the same place and with the same bytes, holds the
 * same rows in both, provided that their overflow pages are the same too; every other row is a
 * suspect, and only suspects are then compared by SQL. So a wrong suspicion costs time, never
 * correctness.
 *
 * <p>The caller's connection holds a read lock on both files, so that with a rollback journal the
 * file is the snapshot. Whatever is not as expected (a write-ahead log, other page sizes, a page
 * that makes no sense) makes this of no use, and all rows are compared.
 */
final class PageComparison {
  private static final int MANY = 256;

  /**
   * Rows that may differ.
   *
   * @param base rowids in the baseline
   * @param now rowids in the database
   */
  record Suspects(long[] base, long[] now) {
    boolean nothing() {
      return base.length == 0 && now.length == 0;
    }

    /** Suspects that are in the database only; both lists are sorted. */
    long[] added() {
      long[] added = new long[now.length];
      int size = 0;
      int b = 0;
      for (long rowid : now) {
        while (b < base.length && base[b] < rowid) {
          b++;
        }
        if (b == base.length || base[b] != rowid) {
          added[size++] = rowid;
        }
      }
      return Arrays.copyOf(added, size);
    }
  }

  private final PageFile now;
  private final PageFile base;
  private PageFile.@Nullable Header nowHeader;
  private PageFile.@Nullable Header baseHeader;
  private final BitSet different = new BitSet();

  /** Pages that look like leaves with overflow; perhaps some that are none. */
  private final BitSet overflowing = new BitSet();

  private final Map<String, Suspects> suspects = new HashMap<>();
  private @Nullable String whyNot;

  private PageComparison(PageFile now, PageFile base) {
    this.now = now;
    this.base = base;
  }

  static PageComparison of(
      PageFile now,
      PageFile base,
      Connection connection,
      ExportRequest request,
      Cancellation cancellation)
      throws SQLException {
    PageComparison comparison = new PageComparison(now, base);
    try {
      comparison.readHeaders(request.baseline());
      comparison.comparePages(request.threads(), cancellation);
      comparison.findSuspects(connection);
    } catch (IOException e) {
      comparison.whyNot = "pages cannot be read: " + e.getMessage();
    } catch (Unexpected e) {
      comparison.whyNot = e.getMessage();
    }
    return comparison;
  }

  /** Why all rows have to be compared; null where that is not so. */
  @Nullable String whyNot() {
    return whyNot;
  }

  Exported.PageCounts counts() {
    return new Exported.PageCounts(
        different.cardinality(), nowHeader == null ? 0 : nowHeader.pages());
  }

  /** Null where all rows of the table have to be compared. */
  @Nullable Suspects suspects(String table) {
    return suspects.get(table);
  }

  private void readHeaders(Path baseline) throws IOException, Unexpected {
    PageFile.Header a = now.open();
    PageFile.Header b = base.open();
    if (a.pageSize() != b.pageSize() || a.usable() != b.usable() || a.encoding() != b.encoding()) {
      throw new Unexpected("the page sizes or text encodings differ");
    }
    if (a.version() != 1) {
      throw new Unexpected("the database has a write-ahead log");
    }
    Path log = baseline.resolveSibling(baseline.getFileName() + "-wal");
    if (b.version() != 1 && Files.exists(log) && Files.size(log) > 0) {
      throw new Unexpected("the baseline has a write-ahead log");
    }
    nowHeader = a;
    baseHeader = b;
  }

  // ---- bytes -----------------------------------------------------------------------------------

  private void comparePages(int threads, Cancellation cancellation) throws IOException, Unexpected {
    PageFile.Header a = header(nowHeader);
    int common = Math.min(a.pages(), header(baseHeader).pages());
    different.set(common + 1, Math.max(a.pages(), header(baseHeader).pages()) + 1);
    List<Scan> scans = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int from = (int) ((long) common * i / threads);
      int to = (int) ((long) common * (i + 1) / threads);
      Scan scan = new Scan(from, to, a, cancellation);
      scans.add(scan);
      scan.start();
    }
    for (Scan scan : scans) {
      scan.finish();
    }
    cancellation.throwIfRequested();
    for (Scan scan : scans) {
      if (scan.trouble != null) {
        throw scan.trouble;
      }
      different.or(scan.differing);
      overflowing.or(scan.withOverflow);
    }
  }

  /** Compares a part of the pages. */
  private final class Scan extends Thread {
    private final int from;
    private final int to;
    private final PageFile.Header header;
    private final Cancellation cancellation;
    private final BitSet differing = new BitSet();
    private final BitSet withOverflow = new BitSet();
    private @Nullable Unexpected trouble;

    /** From the page with the index {@code from}, counted from 0, to before that of {@code to}. */
    Scan(int from, int to, PageFile.Header header, Cancellation cancellation) {
      super("page comparison");
      this.from = from;
      this.to = to;
      this.header = header;
      this.cancellation = cancellation;
    }

    @Override
    public void run() {
      try {
        int number = from + 1;
        while (number <= to && cancellation.requested() == null) {
          int count = Math.min(Math.min(MANY, to - number + 1), now.together(number));
          count = Math.min(count, base.together(number));
          ByteBuffer a = now.pages(number, count);
          ByteBuffer b = base.pages(number, count);
          for (int i = 0; i < count; i++) {
            int start = i * header.pageSize();
            compare(
                number + i, a.slice(start, header.pageSize()), b.slice(start, header.pageSize()));
          }
          number += count;
        }
      } catch (Unexpected e) {
        trouble = e;
      } catch (InternalError e) {
        trouble = new Unexpected("a file was cut off while it was read"); // a page that was mapped
      }
    }

    private void compare(int number, ByteBuffer a, ByteBuffer b) {
      if (a.mismatch(b) >= 0) {
        differing.set(number);
      } else if (number > 1 && a.get(0) == BTreePage.TABLE_LEAF && mayOverflow(a)) {
        withOverflow.set(number);
      }
    }

    private boolean mayOverflow(ByteBuffer page) {
      try {
        BTreePage leaf = new BTreePage(page, header.usable());
        int cells = leaf.cells();
        for (int i = 0; i < cells; i++) {
          if (leaf.cell(i).overflow() != 0) {
            return true;
          }
        }
        return false;
      } catch (Unexpected noLeaf) {
        return true; // if it is a leaf after all, it will be looked at again
      }
    }

    void finish() {
      boolean interrupted = false;
      while (isAlive()) {
        try {
          join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static PageFile.Header header(PageFile.@Nullable Header header) throws Unexpected {
    if (header == null) {
      throw new Unexpected("no header was read");
    }
    return header;
  }

  // ---- rows ------------------------------------------------------------------------------------

  private void findSuspects(Connection connection) throws SQLException, IOException, Unexpected {
    Map<String, Integer> nowRoots = roots(connection, "main");
    for (Map.Entry<String, Integer> table : roots(connection, "base").entrySet()) {
      Integer root = nowRoots.get(table.getKey());
      if (root == null) {
        continue;
      }
      PageTree a = PageTree.walk(now, header(nowHeader), root);
      PageTree b = PageTree.walk(base, header(baseHeader), table.getValue());
      boolean rows =
          a.page(root).type() == BTreePage.TABLE_LEAF
              || a.page(root).type() == BTreePage.TABLE_INTERIOR;
      if (rows) {
        suspects.put(table.getKey(), new TableSuspects(a, b, different, overflowing).find());
      } else if (isUntouched(a, b)) {
        suspects.put(table.getKey(), new Suspects(new long[0], new long[0]));
      }
    }
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

  /** A table WITHOUT ROWID is the b-tree of an index, with rows in its interior pages too. */
  private boolean isUntouched(PageTree a, PageTree b) throws IOException, Unexpected {
    if (!a.leaves().equals(b.leaves()) || !a.interiors().equals(b.interiors())) {
      return false;
    }
    BitSet all = (BitSet) a.leaves().clone();
    all.or(a.interiors());
    if (all.intersects(different)) {
      return false;
    }
    for (int page = all.nextSetBit(0); page >= 0; page = all.nextSetBit(page + 1)) {
      BTreePage read = a.page(page);
      int cells = read.cells();
      for (int i = 0; i < cells; i++) {
        if (read.cell(i).overflow() != 0) {
          return false; // its rest would have to be followed
        }
      }
    }
    return true;
  }
}
