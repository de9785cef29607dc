package io.sqlitesafe.internal.db;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.internal.host.ShellWord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Turns SQLite's result codes (sqlite.org/rescode.html) into the one error model. */
public final class SqlErrors {
  private static final String CHANGING = "changing";
  private static final int PRIMARY_MASK = 0xff;

  private SqlErrors() {}

  /** A collation is missing that only programs bring; of WITHOUT ROWID, in other words. */
  public static boolean isForeignCollation(SQLException e) {
    return text(e).contains("no such collation sequence") || text(e).contains("no query solution");
  }

  /** SQLite's own sentence, without the driver's decoration. */
  public static String text(SQLException e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof SQLiteException sqlite) {
      String decoration = sqlite.getResultCode() + " (";
      if (message.startsWith(decoration) && message.endsWith(")")) {
        return message.substring(decoration.length(), message.length() - 1);
      }
    }
    return message;
  }

  /** The extended result code, or {@link SQLiteErrorCode#UNKNOWN_ERROR}. */
  public static SQLiteErrorCode code(SQLException e) {
    return e instanceof SQLiteException sqlite
        ? sqlite.getResultCode()
        : SQLiteErrorCode.UNKNOWN_ERROR;
  }

  private static boolean isPrimary(SQLException e, SQLiteErrorCode primary) {
    return (code(e).code & PRIMARY_MASK) == primary.code;
  }

  /** What SQLite said; null where the error is not of SQLite. */
  private static @Nullable SQLException cause(SqliteSafeException e) {
    return e.getCause() instanceof SQLException sql ? sql : null;
  }

  /** True where another connection's lock was in the way. */
  public static boolean isBusy(SqliteSafeException e) {
    SQLException sql = cause(e);
    return sql != null && isBusy(sql);
  }

  /** As above. */
  public static boolean isBusy(SQLException e) {
    return isPrimary(e, SQLiteErrorCode.SQLITE_BUSY) || isPrimary(e, SQLiteErrorCode.SQLITE_LOCKED);
  }

  /** The error of a file that was changed each time while it was read. */
  public static SqliteSafeException changing(Path file) {
    return changing(
        file + " was changed each time while it was read",
        "run it again when it is not being opened, replaced or recovered");
  }

  /** As above, in other words. */
  public static SqliteSafeException changing(String message, String hint) {
    return new SqliteSafeException(ErrorKind.LOCK_BUSY, message, hint).with(CHANGING, true);
  }

  /** Whether {@code e} is {@link #changing}: another attempt may do. */
  public static boolean isChanging(SqliteSafeException e) {
    return e.details().containsKey(CHANGING);
  }

  /** True where the file system failed. */
  public static boolean isIoError(SqliteSafeException e) {
    SQLException sql = cause(e);
    return sql != null && isPrimary(sql, SQLiteErrorCode.SQLITE_IOERR);
  }

  /** True where what is stored contradicts itself. */
  public static boolean isCorrupt(SQLException e) {
    return isPrimary(e, SQLiteErrorCode.SQLITE_CORRUPT);
  }

  /** True where a read-only connection was asked to write, and nothing else was wrong. */
  public static boolean wouldWrite(SqliteSafeException e) {
    SQLException sql = cause(e);
    return sql != null && code(sql) == SQLiteErrorCode.SQLITE_READONLY;
  }

  /** True where a read-only connection met a journal that a writer has to roll back first. */
  public static boolean needsRecovery(SqliteSafeException e) {
    SQLException sql = cause(e);
    return sql != null && needsRecovery(sql);
  }

  /** As above. */
  public static boolean needsRecovery(SQLException e) {
    SQLiteErrorCode code = code(e);
    return code == SQLiteErrorCode.SQLITE_READONLY_ROLLBACK
        || code == SQLiteErrorCode.SQLITE_READONLY_RECOVERY
        || code == SQLiteErrorCode.SQLITE_READONLY_CANTLOCK;
  }

  /**
   * True where the file cannot be opened under the present locking (see {@link Database#isWal}).
   */
  public static boolean isCannotOpen(SQLException e) {
    return isPrimary(e, SQLiteErrorCode.SQLITE_CANTOPEN);
  }

  /** True where something had to be written that may not be. */
  public static boolean isReadOnly(SQLException e) {
    return isPrimary(e, SQLiteErrorCode.SQLITE_READONLY);
  }

  /**
   * The error to report.
   *
   * @param where which statement, as a clause ending in ": ", or empty
   */
  public static SqliteSafeException translate(SQLException e, Path file, String where) {
    ErrorKind kind = kind(e);
    if (kind == ErrorKind.LOCK_BUSY) {
      return locked(e, file, where);
    }
    return new SqliteSafeException(kind, file + ": " + where + text(e), hint(e, kind, file), e)
        .with("sqlite", code(e).name());
  }

  private static SqliteSafeException locked(SQLException e, Path file, String where) {
    List<Map<String, Object>> holders = new ArrayList<>();
    StringBuilder who = new StringBuilder();
    for (FileUse.SqliteLock lock : FileUse.inTheWay(file)) {
      holders.add(
          Map.of("pid", lock.pid(), "program", FileUse.program(lock.pid()), "lock", lock.kind()));
      who.append(who.isEmpty() ? ": " : ", ").append(lock.text());
    }
    return new SqliteSafeException(
            ErrorKind.LOCK_BUSY,
            file + ": " + where + text(e) + who,
            holders.isEmpty()
                ? "a program that does not use this lock held SQLite's own lock; wait longer (--wait),"
                    + " or look for it while it does: sqlite-safe inspect-lock"
                : "it does not use the lock of sqlite-safe; wait longer (--wait), or let it end its"
                    + " transaction",
            e)
        .with("sqlite", code(e).name())
        .with("lockedBy", holders);
  }

  private static ErrorKind kind(SQLException e) {
    if (isBusy(e)) {
      return ErrorKind.LOCK_BUSY;
    }
    return switch (SQLiteErrorCode.getErrorCode(code(e).code & PRIMARY_MASK)) {
      case SQLITE_NOTADB, SQLITE_CANTOPEN -> ErrorKind.NO_DATABASE;
      case SQLITE_CORRUPT -> ErrorKind.DAMAGED;
      case SQLITE_INTERRUPT -> ErrorKind.INTERRUPTED;
      default -> ErrorKind.FAILED;
    };
  }

  private static @Nullable String hint(SQLException e, ErrorKind kind, Path file) {
    if (kind == ErrorKind.FAILED && BrokenTrigger.isOfAnotherProgram(text(e))) {
      return "it comes with the program that made this database; what needs it, only that program can"
          + " do, or who loads it (--load-extension)";
    }
    return switch (kind) {
      case DAMAGED -> "nothing was changed; check the file, and restore a backup if it is damaged";
      case NO_DATABASE -> noDatabaseHint(e, file);
      default -> failureHint(e);
    };
  }

  private static String noDatabaseHint(SQLException e, Path file) {
    if (isCannotOpen(e) && Files.exists(file)) {
      return "check the permissions of the file and of its directory";
    }
    String recover = "sqlite-safe recover " + ShellWord.of(file) + " -o NEW.db";
    return beginsWithZeros(file)
        ? "its first page has been overwritten with zeros: keep the file, restore a backup, or get out"
            + " of it what the rest holds: "
            + recover
        : "name a SQLite database (an encrypted or compressed one has to be decoded first); if it"
            + " was one and its beginning is damaged: "
            + recover;
  }

  /**
   * To close a file drops this process's SQLite locks on it; nobody's lock counts on a file that is
   * no database.
   */
  private static boolean beginsWithZeros(Path file) {
    byte[] start = new byte[100];
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(start, 0, start.length) == start.length
          && Arrays.equals(start, new byte[100]);
    } catch (IOException e) {
      return false;
    }
  }

  private static String failureHint(SQLException e) {
    if (isPrimary(e, SQLiteErrorCode.SQLITE_FULL)) {
      return "nothing was changed; make room on the file system and run it again";
    }
    if (isPrimary(e, SQLiteErrorCode.SQLITE_READONLY)) {
      return "nothing was changed; make the file and its directory writable for this user";
    }
    if (isPrimary(e, SQLiteErrorCode.SQLITE_IOERR)) {
      return "nothing was changed; look at the file system (kernel log, free space)";
    }
    return "nothing was changed";
  }
}
