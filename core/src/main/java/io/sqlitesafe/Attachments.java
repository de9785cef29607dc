package io.sqlitesafe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.owner.Admission;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.SqlStatement;
import io.sqlitesafe.sql.SqlText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a session's connections have in common besides the database: attached databases, and
 * settings. Not thread-safe.
 *
 * <p>Databases are attached for reading only. That needs no lock of theirs; a transaction that
 * writes two files would need both locks, taken in one order by everybody, and would still not be
 * atomic in WAL mode.
 */
final class Attachments {
  static final String WHY =
      "attached databases are read-only here, because the lock guards one database; to write to"
          + " that one, open it";

  private final List<Attachment> attached = new ArrayList<>();
  private final List<String> settings = new ArrayList<>();
  private final Map<Integer, Integer> limits = new TreeMap<>();
  private Path directory = Path.of("");
  private int changes;

  /** A database under its name in SQL. */
  record Attachment(Path file, String schema) {}

  void setDirectory(Path value) {
    directory = value;
  }

  boolean isEmpty() {
    return attached.isEmpty();
  }

  /** How often something was changed; 0 = there is nothing that a connection must be given. */
  int changes() {
    return changes;
  }

  void add(Attachment one) {
    changes++;
    attached.add(one);
  }

  List<Path> files() {
    return attached.stream().map(Attachment::file).toList();
  }

  /** A pragma that every connection of the session must repeat. */
  void addSetting(String sql) {
    changes++;
    settings.add(sql);
  }

  void addLimit(int id, int value) {
    changes++;
    limits.put(id, value);
  }

  /**
   * Repeats it all on another connection.
   *
   * @param to empty; it knows afterwards how the attached files are read
   * @param cancellation see {@link Attached#add}
   */
  void applyTo(Database database, Attached to, Cancellation cancellation) {
    try {
      for (Map.Entry<Integer, Integer> limit : limits.entrySet()) {
        database.limit(limit.getKey(), limit.getValue());
      }
      for (String setting : settings) {
        database.execute(setting);
      }
      for (Attachment one : attached) {
        to.add(database, one, cancellation);
      }
    } catch (SQLException e) {
      throw SqlErrors.translate(e, database.file(), "");
    }
  }

  /**
   * Reads {@code ATTACH [DATABASE] expression AS name}; what it names is checked, not yet opened.
   */
  Attachment parse(SqlStatement statement, Handle handle, Site site) {
    List<SqlText.Token> tokens = SqlText.meaningful(statement.sql());
    int from = tokens.size() > 1 && tokens.get(1).keyword().equals("DATABASE") ? 2 : 1;
    int as = tokens.size() - 2;
    if (as <= from || !tokens.get(as).keyword().equals("AS")) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "cannot read: " + statement.sql(), "write: ATTACH 'FILE' AS NAME");
    }
    String text =
        as == from + 1 && tokens.get(from).kind() != SqlText.Kind.OTHER
            ? tokens.get(from).name()
            : String.valueOf(
                handle.value(
                    "SELECT "
                        + statement
                            .sql()
                            .substring(tokens.get(from).start(), tokens.get(as).start())));
    return new Attachment(file(text, site), tokens.get(as + 1).name());
  }

  private Path file(String text, Site main) {
    if (text.isEmpty() || text.startsWith(":") || text.startsWith("file:")) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "cannot attach '" + text + "': only files, by their path",
          "for temporary tables: BEGIN, then CREATE TEMP TABLE");
    }
    try {
      Path file = directory.resolve(text);
      Database.requireFile(file, false);
      Path real = file.toRealPath();
      if (Files.isSameFile(real, main.paths().database())) {
        throw new SqliteSafeException(
            ErrorKind.USAGE, real + " is the session's own database", "it is open as: main");
      }
      Site other = main.of(real);
      if (other.isNetworkExclusive()) {
        throw new SqliteSafeException(
            ErrorKind.UNSAFE,
            real
                + " is marked for network-exclusive access, and can be read only under its own"
                + " lock",
            "open it by itself, or attach a backup of it");
      }
      if (other.mount().isNetwork()) {
        new Admission(other).refuseWalOnNetwork();
      }
      return real;
    } catch (IOException | InvalidPathException e) {
      throw new SqliteSafeException(
          ErrorKind.NO_DATABASE, "cannot attach " + text + ": " + e.getMessage(), null, e);
    }
  }

  /** Forgets what a DETACH names, and returns that name. */
  String remove(SqlStatement statement) {
    changes++;
    List<SqlText.Token> tokens = SqlText.meaningful(statement.sql());
    String name = tokens.get(tokens.size() - 1).name();
    if (!attached.removeIf(one -> one.schema().equalsIgnoreCase(name))) {
      throw new SqliteSafeException(ErrorKind.USAGE, "nothing is attached as " + name, null);
    }
    return name;
  }
}
