package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.NotCaptured;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.changeset.TableShape.Column;
import io.sqlitesafe.internal.changeset.TableShape.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the tables before a transaction relate to those after it. Immutable. */
public final class SchemaChanges {
  private final SchemaShape before;
  private final SchemaShape after;

  public SchemaChanges(SchemaShape before, SchemaShape after) {
    this.before = before;
    this.after = after;
  }

  /** Tables with the same columns and key on both sides. */
  public List<TableShape> kept() {
    return after.tables().stream()
        .filter(table -> same(before.table(table.name()), table))
        .toList();
  }

  /** Tables of which every row is new, and can be captured. */
  public List<TableShape> created() {
    return after.tables().stream()
        .filter(table -> before.table(table.name()) == null && table.kind() == Kind.KEYED)
        .toList();
  }

  /** The same kind of table with the same columns and key, as far as a changeset goes. */
  public static boolean same(@Nullable TableShape a, @Nullable TableShape b) {
    return a != null
        && b != null
        && a.kind() == b.kind()
        && a.columns().stream()
            .map(Column::name)
            .toList()
            .equals(b.columns().stream().map(Column::name).toList())
        && Arrays.equals(a.keyBytes(), b.keyBytes());
  }

  /** What of the schema's own changes a changeset cannot hold. */
  public List<NotCaptured> notCaptured() {
    List<NotCaptured> missing = new ArrayList<>();
    for (TableShape table : before.tables()) {
      if (concerns(table) && after.table(table.name()) == null) {
        missing.add(new NotCaptured(table.name(), "it was dropped"));
      }
    }
    for (TableShape table : after.tables()) {
      TableShape old = before.table(table.name());
      if (!concerns(table)) {
        continue;
      }
      if (old == null) {
        missing.add(
            new NotCaptured(
                table.name(),
                table.kind() == Kind.KEYED
                    ? "it was created: its rows are captured, but not its definition"
                    : "it was created, and " + table.kind().reason()));
      } else if (!same(old, table)) {
        missing.add(new NotCaptured(table.name(), "its columns were changed"));
      }
    }
    return missing;
  }

  private static boolean concerns(TableShape table) {
    return table.kind() != Kind.INTERNAL
        && table.kind() != Kind.SHADOW
        && table.kind() != Kind.STATISTICS;
  }
}
