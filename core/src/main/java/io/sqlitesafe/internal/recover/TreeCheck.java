package io.sqlitesafe.internal.recover;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.file.DatabaseBytes;
import io.sqlitesafe.internal.host.Undisturbed;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks tables and indexes page by page and tells what is damaged, without SQLite: for tables that
 * need a collation, function or module that only their own program has. Whether rows are in the
 * order of their keys is not looked at, nor whether an index agrees with its table. Stateless; the
 * caller keeps writers out.
 */
public final class TreeCheck {
  private TreeCheck() {}

  /**
   * A table, or an index of it, which is stored as a table WITHOUT ROWID is.
   *
   * @param root its first page, as {@code sqlite_schema} has it
   */
  public record Tree(String table, int root, boolean withoutRowid) {}

  /**
   * Something that is wrong.
   *
   * @param page the page that is damaged, or that should be there
   */
  public record Problem(String table, int page, String message) {}

  /**
   * Checks.
   *
   * @param alone nobody else uses the file, and a journal or log beside it does not count
   */
  public static List<Problem> of(
      Path file, List<Tree> trees, boolean alone, Cancellation cancellation) {
    return Undisturbed.run(
        cancellation,
        () -> {
          try {
            return alone
                ? ofPrivate(file, trees, cancellation)
                : ofShared(file, trees, cancellation);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } catch (SQLException e) {
            throw new IllegalStateException(e); // nothing here asks SQLite
          }
        });
  }

  private static List<Problem> ofPrivate(Path file, List<Tree> trees, Cancellation cancellation)
      throws IOException, SQLException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return of(channel, PageOverlay.none(channel), trees, cancellation);
    }
  }

  private static List<Problem> ofShared(Path file, List<Tree> trees, Cancellation cancellation)
      throws IOException, SQLException {
    OverlayReader.Found log = OverlayReader.log(file.resolveSibling(file.getFileName() + "-wal"));
    try (DatabaseBytes bytes = DatabaseBytes.of(file)) {
      FileChannel channel = bytes.channel();
      return of(
          channel, log == null ? PageOverlay.none(channel) : log.overlay(), trees, cancellation);
    } finally {
      if (log != null) {
        log.overlay().close();
      }
    }
  }

  private static List<Problem> of(
      FileChannel channel, PageOverlay overlay, List<Tree> trees, Cancellation cancellation)
      throws IOException, SQLException {
    long size = channel.size();
    Layout layout = new LayoutGuess(channel, overlay, size).layout();
    PageImage image = new PageImage(channel, overlay, layout, size);
    Progress work =
        new Progress(cancellation, SnapshotListener.SILENT, SnapshotListener.Phase.VERIFYING, size);
    PageKinds kinds = PageKinds.scan(image, work);
    List<Problem> problems = new ArrayList<>();
    for (Tree tree : trees) {
      cancellation.throwIfRequested();
      TreeWalk walk = new TreeWalk(image, kinds, Shape.ANY, new Finder(tree.table, problems));
      if (tree.withoutRowid) {
        walk.index(tree.root);
      } else {
        walk.table(tree.root);
      }
      for (Hole hole : walk.holes()) {
        problems.add(
            new Problem(tree.table, hole.page(), "page " + hole.page() + " " + hole.why()));
      }
    }
    return problems;
  }

  private record Finder(String table, List<Problem> problems) implements RowTaker {
    @Override
    public void row(int page, long rowid, RecordView record) {}

    @Override
    public void doubtful(int page, long rowid, RecordView record) {
      add(page, "a row on page " + page + " is damaged");
    }

    @Override
    public void lost(int page, int cells) {
      add(page, cells + " cells of page " + page + " cannot be read");
    }

    private void add(int page, String message) {
      problems.add(new Problem(table, page, message));
    }
  }
}
