package io.sqlitesafe.cli.option;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.LockManager;
import io.sqlitesafe.lock.LockPaths;
import io.sqlitesafe.lock.LockToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How {@code with-lock} tells the commands inside it that they are inside: by their environment.
 * {@link #TOKEN} is the innermost lock's token, for scripts; {@link #HELD} lists every surrounding
 * lock, one "token path" a line, so that a command finds the one of its own database.
 */
public final class ParentLock {
  public static final String TOKEN = "SQLITE_SAFE_TOKEN";
  static final String HELD = "SQLITE_SAFE_HELD";

  private ParentLock() {}

  /** The surrounding lock on {@code database}, whether or not it is still held. */
  public static Optional<LockToken> find(Path database, Map<String, String> environment) {
    @Nullable String token = environment.get(TOKEN);
    if (token == null) {
      return Optional.empty();
    }
    try {
      LockPaths paths = LockPaths.of(database);
      @Nullable String held = environment.get(HELD);
      if (held != null) {
        return find(held, paths.database().toString());
      }
      // A locker of another make: its token counts where its claim is there.
      if (LockToken.isToken(token) && LockManager.of(paths).isHeldBy(new LockToken(token))) {
        return Optional.of(new LockToken(token));
      }
      return Optional.empty();
    } catch (IOException noSuchDirectory) {
      return Optional.empty(); // the command itself will say so
    }
  }

  private static Optional<LockToken> find(String held, String database) {
    for (String line : held.lines().toList()) {
      int blank = line.indexOf(' ');
      if (blank > 0
          && line.substring(blank + 1).equals(escape(database))
          && LockToken.isToken(line.substring(0, blank))) {
        return Optional.of(new LockToken(line.substring(0, blank)));
      }
    }
    return Optional.empty();
  }

  /** Adds a lock to a child's environment. */
  public static void export(Path database, LockToken token, Map<String, String> environment) {
    try {
      String line = token + " " + escape(LockPaths.of(database).database().toString());
      environment.put(TOKEN, token.hex());
      environment.merge(HELD, line, (outer, own) -> own + "\n" + outer);
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.NO_DATABASE, "cannot resolve " + database + ": " + e.getMessage(), null, e);
    }
  }

  /** A path may hold a newline; the list is split at newlines. */
  private static String escape(String path) {
    return path.replace("%", "%25").replace("\n", "%0A");
  }
}
