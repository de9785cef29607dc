package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangesetConcat;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.ChangesetWriter;
import io.sqlitesafe.changeset.Changesets;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.Rebaser;
import io.sqlitesafe.it.kit.ApplyCase;
import io.sqlitesafe.it.kit.ChangeText;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Oracle;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Reading, writing, inverting, joining and rebasing, each compared with SQLite's own. */
class CombineOracleIT {
  private static final int CASES = Cli.LONG ? 20_000 : 800;
  private static final long FIRST = Long.getLong("sqlitesafe.seed", 1);

  /** What the library calls an error in one of its own files is no case. */
  private long compared;

  @Test
  void sameAsTheSessionExtension() {
    try (Oracle oracle = Oracle.orSkip()) {
      for (long seed = FIRST; seed < FIRST + CASES; seed++) {
        ApplyCase each = ApplyCase.of(seed);
        byte[] base = oracle.capture(new byte[0], each.base()).database();
        Oracle.Captured first = oracle.capture(base, each.changes());
        Oracle.Captured second = oracle.capture(first.database(), each.drift());
        read(oracle, each, first.changeset());
        read(oracle, each, first.patchset());
        rewrite(each, first.changeset(), Format.CHANGESET);
        rewrite(each, first.patchset(), Format.PATCHSET);
        invert(oracle, each, first.changeset());
        concat(oracle, each, List.of(first.changeset(), second.changeset()));
        concat(oracle, each, List.of(first.patchset(), second.patchset()));
        Oracle.Captured other = oracle.capture(base, each.drift());
        rebase(oracle, each, first, other);
      }
    }
    assertEquals(true, compared > CASES * 7L, () -> "only " + compared + " comparisons");
  }

  private void read(Oracle oracle, ApplyCase each, byte[] changeset) {
    Map<String, Object> theirs = oracle.show(changeset);
    List<String> expected = new ArrayList<>();
    for (Object change : (List<?>) theirs.get("changes")) {
      Map<?, ?> members = (Map<?, ?>) change;
      expected.add(
          members.get("table")
              + " "
              + members.get("op")
              + " "
              + members.get("indirect")
              + " "
              + members.get("old")
              + " "
              + members.get("new"));
    }
    assertEquals(expected, changes(changeset), () -> what(each, changeset));
    compared++;
  }

  /** What is read and written again is the same, byte for byte. */
  private void rewrite(ApplyCase each, byte[] changeset, Format format) {
    byte[] again =
        written(
            format,
            writer -> {
              try (ChangesetReader reader = ChangesetReader.of(changeset, "case")) {
                reader.transferTo(writer);
              }
            });
    assertArrayEquals(changeset, again, () -> what(each, changeset));
    compared++;
  }

  private void invert(Oracle oracle, ApplyCase each, byte[] changeset) {
    byte[] ours = inverted(changeset);
    assertArrayEquals(oracle.invert(changeset), ours, () -> what(each, changeset));
    byte[] twice = inverted(ours);
    if (!changesKeys(changeset)) {
      assertArrayEquals(changeset, twice, () -> what(each, changeset));
    }
    compared++;
  }

  private static byte[] inverted(byte[] changeset) {
    return written(
        Format.CHANGESET,
        writer -> {
          try (ChangesetReader reader = ChangesetReader.of(changeset, "case")) {
            Changesets.invert(reader, writer);
          }
        });
  }

  /** A key that became equal in another form (-0.0 and 0) is lost by inverting, in SQLite too. */
  private static boolean changesKeys(byte[] changeset) {
    try (ChangesetReader reader = ChangesetReader.of(changeset, "case")) {
      for (Change change = reader.next(); change != null; change = reader.next()) {
        for (int column : reader.table().keyColumns()) {
          if (change.before(column).isDefined() && change.after(column).isDefined()) {
            return true;
          }
        }
      }
      return false;
    }
  }

  private void concat(Oracle oracle, ApplyCase each, List<byte[]> changesets) {
    byte[] theirs = oracle.concat(changesets);
    if (theirs == null) {
      return;
    }
    byte[] ours;
    try (ChangesetConcat concat = new ChangesetConcat()) {
      for (byte[] changeset : changesets) {
        try (ChangesetReader reader = ChangesetReader.of(changeset, "case")) {
          concat.add(reader);
        }
      }
      Format format = concat.format() == null ? Format.CHANGESET : concat.format();
      ours = written(format, concat::transferTo);
    }
    assertEquals(
        sorted(theirs),
        sorted(ours),
        () -> what(each, changesets.get(0)) + " and " + hex(changesets.get(1)));
    compared++;
  }

  private void rebase(
      Oracle oracle, ApplyCase each, Oracle.Captured local, Oracle.Captured remote) {
    Random random = new Random(each.seed());
    String[] what = {"omit", "replace"};
    Map<String, String> policy =
        Map.of(
            "data", what[random.nextInt(2)],
            "notfound", "omit",
            "conflict", what[random.nextInt(2)],
            "constraint", "omit",
            "foreign-key", "omit");
    Oracle.Applied applied =
        oracle.apply(local.database(), remote.changeset(), policy, List.of(), 0);
    byte[] theirs =
        applied.rc() == 0 ? oracle.rebase(local.changeset(), List.of(applied.rebase())) : null;
    if (theirs == null) {
      return;
    }
    byte[] ours;
    try (Rebaser rebaser = new Rebaser();
        ChangesetReader resolved = ChangesetReader.of(applied.rebase(), "rebase");
        ChangesetReader reader = ChangesetReader.of(local.changeset(), "case")) {
      rebaser.configure(resolved);
      ours = written(Format.CHANGESET, writer -> rebaser.rebase(reader, writer));
    }
    assertEquals(
        sorted(theirs),
        sorted(ours),
        () -> what(each, local.changeset()) + "\nrebase " + hex(applied.rebase()));
    compared++;
  }

  private static byte[] written(Format format, Consumer<ChangesetWriter> work) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ChangesetWriter writer = new ChangesetWriter(bytes, "memory", format)) {
      work.accept(writer);
    }
    return bytes.toByteArray();
  }

  private static List<String> sorted(byte[] changeset) {
    return changes(changeset).stream().sorted().toList();
  }

  private static List<String> changes(byte[] changeset) {
    List<String> changes = new ArrayList<>();
    try (ChangesetReader reader = ChangesetReader.of(changeset, "case").partial()) {
      for (Change change = reader.next(); change != null; change = reader.next()) {
        changes.add(ChangeText.of(reader.table(), change));
      }
    }
    return changes;
  }

  private static String what(ApplyCase each, byte[] changeset) {
    return each.script() + "-- " + hex(changeset);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
