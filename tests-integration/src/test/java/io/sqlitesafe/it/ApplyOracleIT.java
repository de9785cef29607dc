package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.changeset.ApplyOptions;
import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangesetApply;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.ChangesetWriter;
import io.sqlitesafe.changeset.Conflict;
import io.sqlitesafe.changeset.ConflictKind;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.Operation;
import io.sqlitesafe.changeset.Resolution;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.it.kit.ApplyCase;
import io.sqlitesafe.it.kit.ChangeText;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Memory;
import io.sqlitesafe.it.kit.Oracle;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Changesets applied by us and by SQLite's session extension: same outcome, same conflicts in the
 * same order with the same values, same rebase data, same database.
 */
class ApplyOracleIT {
  private static final int CASES =
      Integer.getInteger("sqlitesafe.cases", Cli.LONG ? 40_000 : 1_500);
  private static final long FIRST = Long.getLong("sqlitesafe.seed", 1);

  private static final Pattern MET = Pattern.compile("conflict (.*) INSERT \\[] \\[(.*)] \\[(.*)]");

  /** sqlite.org/rescode.html */
  private static final int ERROR = 1;

  private static final int ABORT = 4;
  private static final int CONSTRAINT = 19;

  /** Why a case says nothing, and the most of a thousand cases that may be so. */
  private enum LeftOut {
    /** The library wrote an UPDATE that sets nothing, and cannot apply it. */
    SETS_NOTHING(30),
    /**
     * A foreign key of the schema names no unique key: the library prepares all statements of a
     * table, we only those that are needed.
     */
    MISMATCHED_FOREIGN_KEY(150),
    /**
     * Rows swap unique values, so the library tries an UPDATE as DELETE and INSERT; a trigger or ON
     * DELETE RESTRICT forbids the DELETE, and there the library gives up without asking. We ask.
     */
    FORBIDDEN_DELETE(10),
    /**
     * A row whose key is only equal to that of the one to insert (2 and 2.0; 'a' and 'A' under
     * NOCASE): without foreign-key actions, which is not SQLite's default, we let the other changes
     * go first, for one of them may move it.
     */
    EQUAL_KEYS(40),
    /**
     * A number in a column without affinity, whose parent is in a TEXT column. SQLite finds the
     * parent when the child comes, but when the parent comes or goes it does not find the child,
     * and miscounts. We look for the parent once more in the end.
     */
    MISCOUNTED(2);

    private final int perThousand;

    LeftOut(int perThousand) {
      this.perThousand = perThousand;
    }
  }

  private record Outcome(String how, List<String> conflicts, String rebase, List<String> database) {

    Outcome kindsOnly() {
      List<String> kinds =
          conflicts.stream().map(conflict -> conflict.split(" ", 2)[0] + " ").toList();
      return new Outcome(how, kinds, "", database);
    }
  }

  @Test
  void sameAsTheSessionExtension() throws SQLException {
    try (Oracle oracle = Oracle.orSkip()) {
      run(oracle, CASES, true);
    }
  }

  /** As {@code changeset apply} does by default. */
  @Test
  void sameWithoutForeignKeyActions() throws SQLException {
    try (Oracle oracle = Oracle.orSkip()) {
      assumeTrue(
          oracle.version().compareTo("3.44") > 0,
          "an SQLite without SQLITE_CHANGESETAPPLY_FKNOACTION; see oracle/newer.sh");
      run(oracle, CASES, false);
    }
  }

  @Test
  void sameAsNode() throws SQLException {
    try (Oracle oracle = Oracle.nodeOrSkip()) {
      run(oracle, CASES / 3, true);
    }
  }

  private static void run(Oracle oracle, int cases, boolean actions) throws SQLException {
    int[] seen = new int[ConflictKind.values().length];
    Map<LeftOut, Integer> leftOut = new EnumMap<>(LeftOut.class);
    // Older versions call it a conflict where rows swap unique values.
    boolean loops = oracle.version().compareTo("3.51") > 0;
    for (long seed = FIRST; seed < FIRST + cases; seed++) {
      LeftOut why = check(oracle, ApplyCase.of(seed), loops, actions, seen);
      if (why != null) {
        leftOut.merge(why, 1, Integer::sum);
      }
    }
    if (cases < 500) {
      return; // somebody looks for something
    }
    for (LeftOut why : LeftOut.values()) {
      assertTrue(
          leftOut.getOrDefault(why, 0) <= (long) why.perThousand * cases / 1000, leftOut::toString);
    }
    for (ConflictKind kind : ConflictKind.values()) {
      assertTrue(seen[kind.ordinal()] > cases / 300, () -> kind + ": " + seen[kind.ordinal()]);
    }
  }

  /** Fails, or returns why the case says nothing; null if it was compared. */
  private static LeftOut check(
      Oracle oracle, ApplyCase each, boolean loops, boolean actions, int[] seen)
      throws SQLException {
    Random random = new Random(each.seed());
    boolean enforced = each.foreignKeys() || !actions;
    String pragma = "PRAGMA foreign_keys=" + (enforced ? "ON" : "OFF");
    // No orphans from the start: how SQLite counts those depends on its version.
    byte[] base = oracle.capture(new byte[0], after(pragma, each.base())).database();
    Oracle.Captured captured = oracle.capture(base, after(pragma, each.changes()));
    boolean invert = random.nextInt(4) == 0 && oracle.tellsRows();
    boolean patchset = !invert && random.nextInt(3) == 0;
    byte[] changeset = patchset ? captured.patchset() : captured.changeset();
    byte[] target =
        oracle.capture(invert ? captured.database() : base, after(pragma, each.drift())).database();
    Map<ConflictKind, Resolution> policy = policy(random);
    if (setsNothing(changeset)) {
      return LeftOut.SETS_NOTHING;
    }

    Outcome theirs = theirs(oracle, target, changeset, policy, pragma, flags(invert, actions));
    if (theirs.how().equals("error") && enforced && hasMismatch(target, changeset)) {
      return LeftOut.MISMATCHED_FOREIGN_KEY;
    }
    Outcome detailed = ours(target, changeset, patchset, policy, pragma, invert, loops, actions);
    Outcome ours = oracle.tellsRows() ? detailed : detailed.kindsOnly();
    Supplier<String> what =
        () ->
            each.script()
                + "-- which leaves "
                + Memory.dump(target)
                + "\n-- "
                + (invert ? "inverted, " : "")
                + (patchset ? "patchset" : "changeset")
                + " "
                + HexFormat.of().formatHex(changeset)
                + "\n-- policy "
                + policy;
    if (loops
        && theirs.how().equals("constraint")
        && !theirs.conflicts().contains("foreign-key ")
        && each.forbidsDelete()
        && updates(changeset) > 1) {
      // Until it gives up, both do the same.
      List<String> both =
          ours.conflicts().subList(0, Math.min(ours.conflicts().size(), theirs.conflicts().size()));
      assertEquals(theirs.conflicts(), both, what);
      return LeftOut.FORBIDDEN_DELETE;
    }
    if (!actions && !theirs.equals(ours) && meetsEqualKey(theirs.conflicts(), changeset)) {
      return LeftOut.EQUAL_KEYS;
    }
    if (!actions
        && (ours.conflicts().equals(with(theirs.conflicts(), "foreign-key "))
            || theirs.conflicts().equals(with(ours.conflicts(), "foreign-key ")))
        && refersToTextFromOther(target)) {
      return LeftOut.MISCOUNTED;
    }
    assertEquals(theirs.how(), ours.how(), what);
    assertEquals(theirs.conflicts(), ours.conflicts(), what);
    assertEquals(theirs.database(), ours.database(), what);
    assertEquals(theirs.rebase(), ours.rebase(), what);
    for (String conflict : theirs.conflicts()) {
      String kind = conflict.substring(0, conflict.indexOf(' '));
      for (ConflictKind of : ConflictKind.values()) {
        seen[of.ordinal()] += of.id().equals(kind) ? 1 : 0;
      }
    }
    return null;
  }

  /** Whether SQLite refuses to compile any statement about a table of the changeset for that. */
  private static boolean hasMismatch(byte[] target, byte[] changeset) throws SQLException {
    Set<String> tables = new LinkedHashSet<>();
    try (ChangesetReader reader = ChangesetReader.of(changeset, "case")) {
      while (reader.next() != null) {
        tables.add(reader.table().name());
      }
    }
    try (Connection connection = Memory.open(target)) {
      Db.execute(connection, "PRAGMA foreign_keys=ON");
      for (String table : tables) {
        String name = '"' + table.replace("\"", "\"\"") + '"';
        for (String sql :
            List.of("DELETE FROM " + name, "INSERT INTO " + name + " DEFAULT VALUES")) {
          try {
            Db.execute(connection, "EXPLAIN " + sql);
          } catch (SQLException e) {
            if (String.valueOf(e.getMessage()).contains("foreign key mismatch")) {
              return true;
            }
          }
        }
      }
      return false;
    }
  }

  /** Whether an INSERT met a row whose key is equal to its own, but not the same. */
  private static boolean meetsEqualKey(List<String> conflicts, byte[] changeset) {
    Map<String, TableHeader> tables = new LinkedHashMap<>();
    try (ChangesetReader reader = ChangesetReader.of(changeset, "case")) {
      while (reader.next() != null) {
        tables.put(reader.table().name(), reader.table());
      }
    }
    for (String conflict : conflicts) {
      Matcher parts = MET.matcher(conflict);
      if (parts.matches()) {
        TableHeader table = tables.get(parts.group(1));
        String[] inserted = parts.group(2).split(", ");
        String[] met = parts.group(3).split(", ");
        for (int i = 0; i < table.columns(); i++) {
          if (table.isKey(i) && !inserted[i].equals(met[i])) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static int flags(boolean invert, boolean actions) {
    return (invert ? Oracle.INVERT : 0) | (actions ? 0 : Oracle.FKNOACTION);
  }

  private static int updates(byte[] changeset) {
    int updates = 0;
    try (ChangesetReader reader = ChangesetReader.of(changeset, "case")) {
      for (Change change = reader.next(); change != null; change = reader.next()) {
        updates += change.operation() == Operation.UPDATE ? 1 : 0;
      }
    }
    return updates;
  }

  private static boolean refersToTextFromOther(byte[] target) throws SQLException {
    try (Connection connection = Memory.open(target);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT EXISTS(SELECT 1 FROM pragma_table_list t JOIN"
                    + " pragma_foreign_key_list(t.name) f JOIN pragma_table_xinfo(f.\"table\") p ON"
                    + " p.name = f.\"to\" JOIN pragma_table_xinfo(t.name) c ON c.name = f.\"from\""
                    + " WHERE p.type = 'TEXT' AND c.type <> 'TEXT')")) {
      return rows.getBoolean(1);
    }
  }

  private static List<String> with(List<String> all, String last) {
    List<String> longer = new ArrayList<>(all);
    longer.add(last);
    return longer;
  }

  private static List<String> after(String first, List<String> statements) {
    List<String> all = new ArrayList<>(statements);
    all.add(0, first);
    return all;
  }

  /** An UPDATE whose only change is that of a key from -0.0 to 0, or 2.0 to 2. */
  private static boolean setsNothing(byte[] changeset) {
    try (ChangesetReader reader = ChangesetReader.of(changeset, "case")) {
      for (Change change = reader.next(); change != null; change = reader.next()) {
        boolean sets = change.operation() != Operation.UPDATE;
        for (int i = 0; i < reader.table().columns(); i++) {
          sets |= !reader.table().isKey(i) && change.after(i).isDefined();
        }
        if (!sets) {
          return true;
        }
      }
      return false;
    }
  }

  private static Map<ConflictKind, Resolution> policy(Random random) {
    Map<ConflictKind, Resolution> policy = new EnumMap<>(ConflictKind.class);
    int style = random.nextInt(4);
    for (ConflictKind kind : ConflictKind.values()) {
      Resolution resolution =
          switch (style) {
            case 0 -> Resolution.ABORT;
            case 1 -> Resolution.OMIT;
            case 2 -> Resolution.REPLACE;
            default -> Resolution.values()[random.nextInt(3)];
          };
      boolean possible = resolution != Resolution.REPLACE || kind.replaceable();
      policy.put(kind, possible ? resolution : Resolution.OMIT);
    }
    return policy;
  }

  private static Outcome theirs(
      Oracle oracle,
      byte[] target,
      byte[] changeset,
      Map<ConflictKind, Resolution> policy,
      String pragma,
      int flags)
      throws SQLException {
    Map<String, String> names = new LinkedHashMap<>();
    policy.forEach(
        (kind, resolution) -> names.put(kind.id(), resolution.name().toLowerCase(Locale.ROOT)));
    Oracle.Applied applied = oracle.apply(target, changeset, names, List.of(pragma), flags);
    String how =
        switch ((int) applied.rc()) {
          case 0 -> "ok";
          case ABORT -> "abort";
          case CONSTRAINT -> "constraint";
          case ERROR -> "error";
          default -> "failed";
        };
    List<String> conflicts = applied.conflicts();
    // The library leaves its transaction open where the last step fails.
    List<String> database =
        applied.rc() == 0 ? Memory.dump(applied.database()) : Memory.dump(target);
    return new Outcome(
        how,
        conflicts,
        HexFormat.of().formatHex(applied.rc() == 0 ? applied.rebase() : new byte[0]),
        database);
  }

  private static Outcome ours(
      byte[] target,
      byte[] changeset,
      boolean patchset,
      Map<ConflictKind, Resolution> policy,
      String pragma,
      boolean invert,
      boolean loops,
      boolean actions)
      throws SQLException {
    List<String> conflicts = new ArrayList<>();
    ByteArrayOutputStream rebase = new ByteArrayOutputStream();
    ChangesetWriter rebaseWriter = new ChangesetWriter(rebase, "rebase", Format.CHANGESET);
    ApplyOptions options =
        ApplyOptions.of(
                conflict -> {
                  conflicts.add(text(conflict));
                  return policy.get(conflict.kind());
                })
            .withInvert(invert)
            .withUpdateLoops(loops)
            .withForeignKeyActions(actions)
            .withRebase(patchset ? null : rebaseWriter);
    String how = "ok";
    try (Connection connection = Memory.open(target)) {
      Db.execute(connection, pragma);
      try (ChangesetApply apply = ChangesetApply.begin(connection, options);
          ChangesetReader reader = ChangesetReader.of(changeset, "case")) {
        apply.add(reader);
        apply.finish();
      } catch (SqliteSafeException e) {
        how = how(e, conflicts.contains("foreign-key "));
      }
      rebaseWriter.flush();
      return new Outcome(
          how,
          conflicts,
          how.equals("ok") ? HexFormat.of().formatHex(rebase.toByteArray()) : "",
          Memory.dump(connection));
    }
  }

  private static String how(SqliteSafeException e, boolean foreignKey) {
    if (e.kind() == ErrorKind.PRECONDITION) {
      return foreignKey ? "constraint" : "abort";
    }
    assertEquals(ErrorKind.FAILED, e.kind(), e::toString);
    boolean constraint = String.valueOf(e.details().get("sqlite")).contains("CONSTRAINT");
    return constraint ? "constraint" : "failed";
  }

  private static String text(Conflict conflict) {
    Change change = conflict.change();
    if (change == null) {
      return "foreign-key ";
    }
    return conflict.kind().id()
        + " "
        + conflict.table().name()
        + " "
        + change.operation()
        + " "
        + ChangeText.before(conflict.table(), change)
        + " "
        + ChangeText.after(conflict.table(), change)
        + " "
        + conflict.row().stream().map(ChangeText::of).toList();
  }
}
