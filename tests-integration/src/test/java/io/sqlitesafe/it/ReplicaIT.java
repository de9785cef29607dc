package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.WriteOptions;
import io.sqlitesafe.changeset.ApplyOptions;
import io.sqlitesafe.changeset.CaptureRequest;
import io.sqlitesafe.changeset.ChangesetApply;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One database captures every write, another applies them in order and is the same. */
class ReplicaIT {
  private static final int WRITES = Cli.LONG ? 10_000 : 300;

  @TempDir Path directory;

  private static final String[] SCHEMA = {
    "CREATE TABLE customer(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE UNIQUE)",
    "CREATE TABLE orders(customer INT REFERENCES customer ON DELETE CASCADE ON UPDATE CASCADE, n"
        + " INT, amount REAL, PRIMARY KEY(n, customer)) WITHOUT ROWID",
    "CREATE TABLE audit(at, what TEXT, PRIMARY KEY(at, what))",
    "CREATE INDEX big ON orders(amount) WHERE amount > 10",
  };

  @Test
  void aDayOfWrites() throws IOException, SQLException {
    Path primary = Db.create(directory, "primary.db", SCHEMA);
    Path replica = directory.resolve("replica.db");
    Files.copy(primary, replica);
    // The replica gets the rows that the trigger makes from the changesets.
    try (Connection connection = Db.open(primary, "rw")) {
      Db.execute(
          connection,
          "CREATE TRIGGER note AFTER DELETE ON customer BEGIN"
              + " REPLACE INTO audit VALUES(OLD.id % 7, OLD.name); END");
    }
    SafeDatabase one = SafeDatabase.of(primary);
    SafeDatabase other = SafeDatabase.of(replica);
    Random random = new Random(11);
    for (int i = 1; i <= WRITES; i++) {
      Path file = directory.resolve("changes");
      Format format = random.nextBoolean() ? Format.CHANGESET : Format.PATCHSET;
      int number = i;
      one.write(
          WriteOptions.DEFAULT.withCapture(CaptureRequest.of(file, format)),
          session -> {
            for (int k = random.nextInt(4); k >= 0; k--) {
              session.update(statement(random), number, random.nextInt(20));
            }
            return null;
          });
      other.write(
          session -> {
            try (ChangesetReader reader = ChangesetReader.open(file)) {
              // Foreign keys delete there too what the changes are about to delete.
              ChangesetApply apply =
                  ChangesetApply.within(session, ApplyOptions.DEFAULT.withIgnoreNoop(true));
              apply.add(reader);
              return apply.finish();
            }
          });
      if (i % 10 == 0) {
        for (String table : new String[] {"customer", "orders", "audit"}) {
          String rows =
              "SELECT coalesce(group_concat(quote(t)), '') FROM (SELECT json_array("
                  + (table.equals("customer")
                      ? "id, name"
                      : table.equals("orders") ? "customer, n, amount" : "at, what")
                  + ") t FROM "
                  + table
                  + " ORDER BY 1)";
          assertEquals(Db.column(primary, rows), Db.column(replica, rows), table + " after " + i);
        }
      }
    }
  }

  /** Of two parameters: a number that grows, and a small one. */
  private static String statement(Random random) {
    return switch (random.nextInt(9)) {
      case 0, 1 ->
          "INSERT OR IGNORE INTO customer(name) VALUES('name ' || (?1 % 50) || char(65 + ?2))";
      case 2 -> "INSERT OR REPLACE INTO customer(id, name) VALUES(?2, 'n' || ?1 || ?2)";
      case 3 ->
          "INSERT INTO orders SELECT id, ?1, ?2 * 1.5 FROM customer ORDER BY id LIMIT 3"
              + " ON CONFLICT DO UPDATE SET amount = excluded.amount + 1";
      case 4 -> "UPDATE orders SET amount = amount + ?1 WHERE n % 20 = ?2";
      case 5 -> "UPDATE OR IGNORE customer SET id = id + 1000 + ?1 WHERE id % 20 = ?2";
      case 6 -> "DELETE FROM customer WHERE id % 20 = ?2 AND ?1 > 0";
      case 7 -> "UPDATE customer SET name = upper(name) WHERE id % 20 = ?2 AND ?1 > 0";
      default -> "DELETE FROM orders WHERE n < ?1 - 100 AND n % 20 = ?2";
    };
  }
}
