package io.sqlitesafe.changeset;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A conflict to be resolved.
 *
 * @param table null for FOREIGN_KEY, as is {@code change}
 * @param columns the names of the table's columns; empty for FOREIGN_KEY
 * @param row the row that is there, for DATA and CONFLICT; else empty
 */
public record Conflict(
    ConflictKind kind,
    @Nullable TableHeader table,
    List<String> columns,
    @Nullable Change change,
    List<Value> row) {

  public static final Conflict FOREIGN_KEY =
      new Conflict(ConflictKind.FOREIGN_KEY, null, List.of(), null, List.of());

  public Conflict {
    columns = List.copyOf(columns);
    row = List.copyOf(row);
  }

  /** What happened, on one line: "UPDATE of stock with id 5: the row holds other values than …". */
  public String describe() {
    if (table == null || change == null) {
      return kind.reason();
    }
    StringBuilder text = new StringBuilder();
    text.append(change.operation())
        .append(" of ")
        .append(ValueText.name(table.name()))
        .append(" with ");
    String separator = "";
    for (int column : table.keyColumnsUncopied()) {
      text.append(separator)
          .append(ValueText.name(columns.get(column)))
          .append(' ')
          .append(ValueText.brief(change.key(column)));
      separator = ", ";
    }
    return text.append(": ").append(kind.reason()).toString();
  }
}
