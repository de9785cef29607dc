package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.cli.output.text.TextOut;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Prints changes as they come, in one of several forms. For one thread. */
public final class ChangePrinter implements ChangeSink {
  /** A form: a change as text, with its line end. */
  @FunctionalInterface
  public interface Form {
    String text(TableHeader table, List<String> columns, Change change);
  }

  private final TextOut out;
  private final Form form;
  private final Function<TableHeader, @Nullable List<String>> names;
  private @Nullable TableHeader table;
  private List<String> columns = List.of();

  /**
   * A printer.
   *
   * @param names the names of a table's columns, or null where they are not known
   */
  public ChangePrinter(
      OutputStream stream, Form form, Function<TableHeader, @Nullable List<String>> names) {
    this.out = new TextOut(stream);
    this.form = form;
    this.names = names;
  }

  @Override
  public void table(TableHeader next) {
    table = next;
    List<String> known = names.apply(next);
    columns = known == null ? numbered(next) : known;
  }

  /** What columns are called whose names nobody knows. */
  static List<String> numbered(TableHeader table) {
    return IntStream.rangeClosed(1, table.columns()).mapToObj(i -> "c" + i).toList();
  }

  @Override
  public void change(Change change) {
    if (table != null) {
      out.add(form.text(table, columns, change));
    }
  }

  /** Flushes the stream, which stays open. */
  public void finish() {
    out.flush();
  }
}
