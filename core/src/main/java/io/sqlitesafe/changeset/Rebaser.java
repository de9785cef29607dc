package io.sqlitesafe.changeset;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.changeset.ChangeMerge;
import io.sqlitesafe.internal.changeset.ChangeSorter;
import io.sqlitesafe.internal.changeset.Encoding;
import io.sqlitesafe.internal.changeset.Malformed;
import io.sqlitesafe.internal.changeset.TableNames;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites a changeset that was made on a state from which another site's changes were missing, so
 * that it fits where those were applied first and conflicts with local changes were resolved
 * (sqlite.org/session/rebaser.html). What was resolved is in the rebase files that applying wrote
 * ({@link ApplyOptions#rebase}). In bounded memory; the result is in canonical order. For one
 * thread.
 */
public final class Rebaser implements AutoCloseable {
  private final ChangeSorter rows = new ChangeSorter(ChangeSorter.Order.BY_ROW);
  private final ChangeSorter result = new ChangeSorter();
  private final TableNames names = new TableNames();

  /** Adds a rebase file; several in the order in which they came to be, before anything else. */
  public void configure(ChangesetReader rebase) {
    collect(rebase.partial(), true);
  }

  private void collect(ChangesetReader reader, boolean rebase) {
    rows.mark(rebase);
    TableHeader announced = null;
    for (Change change = reader.next(); change != null; change = reader.next()) {
      if (reader.format() == Format.PATCHSET) {
        throw new SqliteSafeException(
            ErrorKind.USAGE,
            reader.name() + " is a patchset, and patchsets cannot be rebased",
            "use changesets");
      }
      if (rebase && change.operation() == Operation.UPDATE) {
        throw Malformed.at(reader.name(), reader.offset(), "there is an UPDATE in a rebase file");
      }
      if (reader.table() != announced) {
        announced = reader.table();
        rows.table(names.of(reader));
      }
      rows.change(change);
    }
  }

  /** Rebases one changeset; once. */
  public void rebase(ChangesetReader in, ChangeSink out) {
    collect(in, false);
    rows.transferTo(new Join(result));
    result.transferTo(out);
  }

  /** For each row first what was resolved, then what the changeset does. */
  private static final class Join implements ChangeSorter.MarkedSink {
    private final ChangeSink out;
    private @Nullable TableHeader table;
    private byte[] key = {};
    private @Nullable Change resolved;

    Join(ChangeSink out) {
      this.out = out;
    }

    @Override
    public void change(TableHeader of, Change change, boolean marked) {
      byte[] next = Encoding.key(of, change);
      if (of != table || !Arrays.equals(next, key)) {
        table = of;
        key = next;
        resolved = null;
      }
      if (marked) {
        resolved = resolved == null ? noted(of, change) : together(of, resolved, change);
        return;
      }
      Change rebased = resolved == null ? change : rebased(of, resolved, change);
      if (rebased != null) {
        out.table(of);
        out.change(rebased);
      }
    }
  }

  private static Value[] values(Change resolved) {
    return resolved.operation() == Operation.DELETE
        ? resolved.beforeUncopied()
        : resolved.afterUncopied();
  }

  private static Change with(Operation operation, boolean replaced, Value[] values) {
    return operation == Operation.DELETE
        ? Change.delete(values).withIndirect(replaced)
        : Change.insert(values).withIndirect(replaced);
  }

  /**
   * A conflict resolved by REPLACE, which is what "indirect" means here, leaves no local values.
   */
  private static Change noted(TableHeader table, Change resolved) {
    if (!resolved.indirect()) {
      return resolved;
    }
    Value[] values = values(resolved).clone();
    for (int i = 0; i < values.length; i++) {
      if (!table.isKey(i) && values[i].isDefined()) {
        values[i] = Value.REPLACED;
      }
    }
    return with(resolved.operation(), true, values);
  }

  /** Two conflicts about one row, one after the other. */
  private static Change together(TableHeader table, Change first, Change second) {
    if (first.operation() == Operation.DELETE && first.indirect()) {
      return first;
    }
    Value[] one = values(first);
    Value[] two = values(second);
    Value[] values = new Value[table.columns()];
    for (int i = 0; i < values.length; i++) {
      if (isReplaced(one[i]) || (!table.isKey(i) && second.indirect())) {
        values[i] = Value.REPLACED;
      } else {
        values[i] = two[i].isDefined() ? two[i] : one[i];
      }
    }
    return with(second.operation(), first.indirect() || second.indirect(), values);
  }

  private static boolean isReplaced(Value value) {
    return value.equals(Value.REPLACED);
  }

  /** The local change on top of the resolved remote one; null where nothing is left of it. */
  private static @Nullable Change rebased(TableHeader table, Change resolved, Change change) {
    boolean deleted = resolved.operation() == Operation.DELETE;
    boolean replaced = resolved.indirect();
    Value[] remote = values(resolved);
    return switch (change.operation()) {
      case INSERT -> {
        if (deleted) {
          yield change;
        }
        yield replaced
            ? null
            : Change.update(remote, change.afterUncopied()).withIndirect(change.indirect());
      }
      case UPDATE -> {
        if (!deleted) {
          yield partialUpdate(table, remote, change);
        }
        yield replaced
            ? null
            : Change.insert(ChangeMerge.either(table, change.afterUncopied(), remote))
                .withIndirect(change.indirect());
      }
      case DELETE ->
          deleted
              ? null
              : Change.delete(ChangeMerge.either(table, remote, change.beforeUncopied()))
                  .withIndirect(change.indirect());
    };
  }

  /** Columns that were replaced are no longer changed; others now change from the remote value. */
  private static @Nullable Change partialUpdate(TableHeader table, Value[] remote, Change change) {
    Value[] before = Encoding.undefined(table.columns());
    Value[] after = Encoding.undefined(table.columns());
    boolean changes = false;
    for (int i = 0; i < before.length; i++) {
      if (table.isKey(i)) {
        before[i] = change.before(i);
        after[i] = change.after(i);
      } else if (!isReplaced(remote[i])) {
        boolean local = change.before(i).isDefined();
        changes |= local;
        before[i] = local && remote[i].isDefined() ? remote[i] : change.before(i);
        after[i] = change.after(i);
      }
    }
    return changes ? Change.update(before, after).withIndirect(change.indirect()) : null;
  }

  @Override
  public void close() {
    rows.close();
    result.close();
  }
}
