package io.sqlitesafe.snapshot;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Of which database a backup is. A path alone does not say: two hosts, or two containers, have one
 * path for different databases. Immutable.
 *
 * @param id the name that its owner gave it; null where none was given
 * @param machine salted hash of the machine's identity; null where it has none
 * @param host name of the host; null in manifests of the first format
 * @param source absolute path of the database
 */
public record Identity(
    @Nullable String id, @Nullable String machine, @Nullable String host, String source) {
  /** Longer names are refused. */
  public static final int MAX_ID = 200;

  /**
   * Whether both are of the same database: of the same name where one has a name, else of the same
   * path on the same machine, or on a host of the same name where one of them knows no machine.
   */
  public boolean isSameAs(Identity other) {
    if (id != null || other.id != null) {
      return Objects.equals(id, other.id);
    }
    if (!source.equals(other.source)) {
      return false;
    }
    return machine != null && other.machine != null
        ? machine.equals(other.machine)
        : host != null && host.equals(other.host);
  }

  /** Nothing but a path is known: the first format had no more. */
  public boolean isPathOnly() {
    return id == null && machine == null && host == null;
  }

  /** For messages. */
  public String text() {
    if (id != null) {
      return "the database with the id " + id;
    }
    return source + (host == null ? " (on a host that is not recorded)" : " on " + host);
  }
}
