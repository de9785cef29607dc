package io.sqlitesafe.changeset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.changeset.SqlValues;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Mutations of valid files: whatever they hold, they are applied whole or not at all, and what goes
 * wrong is a {@link SqliteSafeException}.
 */
class ChangesetFuzzTest {
  private static final int CASES = Boolean.getBoolean("sqlitesafe.long") ? 200_000 : 5_000;

  private static final String[] SCHEMA = {
    "CREATE TABLE a(id INTEGER PRIMARY KEY, v UNIQUE, w TEXT)",
    "CREATE TABLE b(x TEXT, y, z, PRIMARY KEY(y, x)) WITHOUT ROWID",
    "INSERT INTO a VALUES(1, 'one', 1), (2, x'02', NULL), (3, 3.5, 'three')",
    "INSERT INTO b VALUES('p', 1, 2), ('q', 'r', NULL)"
  };

  @Test
  void neverCrashesAndNeverAppliesAPart() throws SQLException {
    Random random = new Random(4711);
    int applied = 0;
    int refused = 0;
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      for (String sql : SCHEMA) {
        execute(connection, sql);
      }
      String before = content(connection);
      for (int i = 0; i < CASES; i++) {
        byte[] file = mutated(valid(random), random);
        execute(connection, "SAVEPOINT fuzz");
        boolean whole = apply(connection, file, random.nextBoolean());
        applied += whole ? 1 : 0;
        refused += whole ? 0 : 1;
        if (!whole) {
          assertEquals(before, content(connection), () -> HexFormat.of().formatHex(file));
        }
        execute(connection, "ROLLBACK TO fuzz");
        execute(connection, "RELEASE fuzz");
        combine(file);
      }
    }
    assertTrue(applied > CASES / 20 && refused > CASES / 20, applied + " and " + refused);
  }

  private static boolean apply(Connection connection, byte[] file, boolean omit) {
    ApplyOptions options =
        ApplyOptions.of(ConflictPolicy.of(omit ? Resolution.OMIT : Resolution.ABORT));
    try (ChangesetApply apply = ChangesetApply.inside(connection, options);
        ChangesetReader reader = ChangesetReader.of(file, "fuzz")) {
      apply.add(reader);
      apply.finish();
      return true;
    } catch (SqliteSafeException refused) {
      return false;
    }
  }

  /** Everything else that reads. */
  private static void combine(byte[] file) {
    try (ChangesetConcat concat = new ChangesetConcat();
        ChangesetReader once = ChangesetReader.of(file, "fuzz");
        ChangesetReader twice = ChangesetReader.of(file, "fuzz")) {
      concat.add(once);
      concat.add(twice);
      Format format = concat.format() == null ? Format.CHANGESET : concat.format();
      concat.transferTo(new ChangesetWriter(new ByteArrayOutputStream(), "nowhere", format));
    } catch (SqliteSafeException refused) {
      // as it should
    }
    try (Rebaser rebaser = new Rebaser();
        ChangesetReader rebase = ChangesetReader.of(file, "fuzz");
        ChangesetReader reader = ChangesetReader.of(file, "fuzz")) {
      rebaser.configure(rebase);
      rebaser.rebase(
          reader, new ChangesetWriter(new ByteArrayOutputStream(), "nowhere", Format.CHANGESET));
    } catch (SqliteSafeException refused) {
      // as it should
    }
  }

  private static byte[] valid(Random random) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Format format = random.nextInt(3) == 0 ? Format.PATCHSET : Format.CHANGESET;
    try (ChangesetWriter writer = new ChangesetWriter(bytes, "memory", format)) {
      writer.table(new TableHeader("a", new byte[] {1, 0, 0}));
      writer.change(Change.delete(Value.integer(2), Value.blob(new byte[] {2}), Value.NULL));
      writer.change(
          Change.update(
              new Value[] {Value.integer(1), Value.text("one"), Value.UNDEFINED},
              new Value[] {Value.UNDEFINED, Value.real(1.5), Value.UNDEFINED}));
      writer.change(
          Change.insert(
              Value.integer(9), Value.text("né"), Value.text("x".repeat(random.nextInt(300)))));
      writer.table(new TableHeader("b", new byte[] {2, 1, 0}));
      writer.change(Change.insert(Value.text("n"), Value.integer(7), Value.integer(-1)));
      writer.change(Change.delete(Value.text("p"), Value.integer(1), Value.integer(2)));
    }
    return bytes.toByteArray();
  }

  private static byte[] mutated(byte[] valid, Random random) {
    byte[] file = valid;
    for (int i = random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(file.length);
      file =
          switch (random.nextInt(6)) {
            case 0 -> Arrays.copyOf(file, at + 1);
            case 1 -> spliced(file, at, new byte[] {(byte) random.nextInt(256)});
            case 2 -> spliced(file, at, HexFormat.of().parseHex("8fffffff7f"));
            case 3 -> spliced(file, at, Arrays.copyOfRange(valid, 0, random.nextInt(valid.length)));
            default -> flipped(file, at, random);
          };
    }
    return file;
  }

  private static byte[] flipped(byte[] file, int at, Random random) {
    byte[] changed = file.clone();
    changed[at] =
        random.nextBoolean()
            ? (byte) (changed[at] ^ 1 << random.nextInt(8))
            : (byte) random.nextInt(256);
    return changed;
  }

  private static byte[] spliced(byte[] file, int at, byte[] more) {
    byte[] longer = new byte[file.length + more.length];
    System.arraycopy(file, 0, longer, 0, at);
    System.arraycopy(more, 0, longer, at, more.length);
    System.arraycopy(file, at, longer, at + more.length, file.length - at);
    return longer;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String content(Connection connection) throws SQLException {
    StringBuilder content = new StringBuilder();
    for (String table : new String[] {"a", "b"}) {
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
        SqlValues values = SqlValues.of(connection);
        while (rows.next()) {
          content.append(Arrays.toString(values.row(rows, 3))).append('\n');
        }
      }
    }
    return content.toString();
  }
}
