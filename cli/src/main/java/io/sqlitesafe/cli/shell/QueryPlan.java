package io.sqlitesafe.cli.shell;

import io.sqlitesafe.SafeSession;
import io.sqlitesafe.cli.output.rows.RowPrinter;
import io.sqlitesafe.sql.RowSink;
import io.sqlitesafe.sql.SqlStatement;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Draws the rows of EXPLAIN QUERY PLAN as the tree that they are (sqlite.org/eqp.html). */
final class QueryPlan implements RowPrinter, RowSink.Rows.OfValues {
  private static final Set<String> PLANNED =
      Set.of("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES");

  private record Step(long id, long parent, String detail) {}

  private final OutputStream out;
  private final List<Step> steps = new ArrayList<>();

  QueryPlan(OutputStream out) {
    this.out = out;
  }

  static boolean exists(SqlStatement statement) {
    return PLANNED.contains(statement.keyword());
  }

  static void print(
      SafeSession session,
      SqlStatement statement,
      Map<String, ? extends @Nullable Object> parameters,
      Output output) {
    SqlStatement explain =
        new SqlStatement(
            "EXPLAIN QUERY PLAN " + statement.sql(), statement.number(), statement.line());
    try (Result result = new Result(output, QueryPlan::new)) {
      session.run(explain, parameters, result);
      result.finish();
    }
  }

  @Override
  public Rows columns(List<String> names) {
    return this;
  }

  @Override
  public void row(@Nullable Object[] values) {
    steps.add(new Step(number(values[0]), number(values[1]), String.valueOf(values[3])));
  }

  private static long number(@Nullable Object value) {
    return value instanceof Long number ? number : 0;
  }

  @Override
  public void finish() {
    if (steps.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder("QUERY PLAN\n");
    draw(0, "", text);
    try {
      out.write(text.toString().getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void draw(long parent, String indent, StringBuilder text) {
    List<Step> children = steps.stream().filter(step -> step.parent() == parent).toList();
    for (int i = 0; i < children.size(); i++) {
      boolean last = i == children.size() - 1;
      text.append(indent).append(last ? "`--" : "|--").append(children.get(i).detail());
      text.append('\n');
      draw(children.get(i).id(), indent + (last ? "   " : "|  "), text);
    }
  }
}
