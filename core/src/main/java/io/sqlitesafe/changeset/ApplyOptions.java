package io.sqlitesafe.changeset;

import org.jspecify.annotations.Nullable;

/**
 * How changesets are applied. Immutable.
 *
 * @param handler decides about conflicts
 * @param invert apply what undoes them
 * @param ignoreNoop do not call it a conflict where a change is there already: the row to delete is
 *     gone, the one to insert is there, the new values are there. Foreign-key actions and triggers
 *     of the database make such changes before the changeset does.
 * @param foreignKeyActions run the actions of the database's foreign keys (ON DELETE CASCADE and
 *     the like), as SQLite's apply does by default; else they count as NO ACTION, because a
 *     changeset holds what they did. Without, the connection must not enforce foreign keys: {@link
 *     ChangesetApply} checks those that changes touch.
 * @param triggers fire the database's triggers, as SQLite does; else they are taken out of the
 *     schema and put back within the transaction
 * @param updateLoops try an UPDATE that a constraint forbids as DELETE and INSERT, so that rows can
 *     swap unique values; newer versions of SQLite do, older ones call it a conflict
 * @param rowids take changes of tables without PRIMARY KEY, whose rows their rowids tell apart
 * @param rebase takes what {@link Rebaser} needs to rebase changesets made meanwhile, or null
 */
public record ApplyOptions(
    ConflictHandler handler,
    boolean invert,
    boolean ignoreNoop,
    boolean foreignKeyActions,
    boolean triggers,
    boolean updateLoops,
    boolean rowids,
    @Nullable ChangeSink rebase) {
  /** Every conflict undoes everything. */
  public static final ApplyOptions DEFAULT = of(ConflictPolicy.of(Resolution.ABORT));

  public static ApplyOptions of(ConflictHandler handler) {
    return new ApplyOptions(handler, false, false, true, true, true, false, null);
  }

  public ApplyOptions withInvert(boolean value) {
    return new ApplyOptions(
        handler, value, ignoreNoop, foreignKeyActions, triggers, updateLoops, rowids, rebase);
  }

  public ApplyOptions withIgnoreNoop(boolean value) {
    return new ApplyOptions(
        handler, invert, value, foreignKeyActions, triggers, updateLoops, rowids, rebase);
  }

  public ApplyOptions withForeignKeyActions(boolean value) {
    return new ApplyOptions(
        handler, invert, ignoreNoop, value, triggers, updateLoops, rowids, rebase);
  }

  public ApplyOptions withTriggers(boolean value) {
    return new ApplyOptions(
        handler, invert, ignoreNoop, foreignKeyActions, value, updateLoops, rowids, rebase);
  }

  public ApplyOptions withUpdateLoops(boolean value) {
    return new ApplyOptions(
        handler, invert, ignoreNoop, foreignKeyActions, triggers, value, rowids, rebase);
  }

  public ApplyOptions withRowids(boolean value) {
    return new ApplyOptions(
        handler, invert, ignoreNoop, foreignKeyActions, triggers, updateLoops, value, rebase);
  }

  public ApplyOptions withRebase(@Nullable ChangeSink value) {
    return new ApplyOptions(
        handler, invert, ignoreNoop, foreignKeyActions, triggers, updateLoops, rowids, value);
  }
}
