package io.sqlitesafe.cli.option;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
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

  /** The token of the lock that was taken with {@code --allow-links}. */
  static final String LINKS = "SQLITE_SAFE_ALLOW_LINKS";

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
      Optional<LockToken> named =
          held == null ? Optional.empty() : find(held, paths.database().toString());
      return named.isPresent()
          ? named
          : byClaim(held == null ? token : held, LockManager.of(paths));
    } catch (IOException noSuchDirectory) {
      return Optional.empty(); // the command itself will say so
    }
  }

  /**
   * By the claim itself: for a locker of another make, which knows no list; and for the same
   * directory by another way (a mount of it, or a name in other case), which is the same lock.
   */
  private static Optional<LockToken> byClaim(String held, LockManager manager) {
    for (String line : held.split("\n")) {
      int blank = line.indexOf(' ');
      String token = blank < 0 ? line : line.substring(0, blank);
      if (LockToken.isToken(token) && manager.isHeld(new LockToken(token))) {
        return Optional.of(new LockToken(token));
      }
    }
    return Optional.empty();
  }

  /** Whether the surrounding command was told that nobody uses other names of the file. */
  public static boolean allowsLinks(Optional<LockToken> parent, Map<String, String> environment) {
    return parent.isPresent() && parent.get().hex().equals(environment.get(LINKS));
  }

  private static Optional<LockToken> find(String held, String database) {
    for (String line : held.split("\n")) { // not lines(): a name may hold "\r"
      int blank = line.indexOf(' ');
      if (blank > 0
          && line.substring(blank + 1).equals(escape(database))
          && LockToken.isToken(line.substring(0, blank))) {
        return Optional.of(new LockToken(line.substring(0, blank)));
      }
    }
    return Optional.empty();
  }

  /**
   * Adds a lock to a child's environment.
   *
   * @param links whether the user says that nobody uses other names of the file
   */
  public static void export(
      Path database, LockToken token, boolean links, Map<String, String> environment) {
    try {
      String line = token + " " + escape(LockPaths.of(database).database().toString());
      environment.put(TOKEN, token.hex());
      if (links) {
        environment.put(LINKS, token.hex());
      } else {
        environment.remove(LINKS);
      }
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
