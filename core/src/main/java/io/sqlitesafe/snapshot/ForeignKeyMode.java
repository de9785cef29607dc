package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a check makes of rows that refer to rows which are not there. Some programs declare foreign
 * keys and do not enforce them: Fossil's repositories have such rows when nothing is wrong.
 */
public enum ForeignKeyMode {
  /** Does not look for them. */
  OFF,
  /** Counts them, and says so. */
  NOTE,
  /** Reports each as a problem. */
  CHECK;

  /** The name in options and manifests. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Every name. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(ForeignKeyMode::id).toList();
  }

  /** The mode of that name, or null. */
  public static @Nullable ForeignKeyMode known(@Nullable Object id) {
    for (ForeignKeyMode mode : values()) {
      if (mode.id().equals(id)) {
        return mode;
      }
    }
    return null;
  }

  /** The mode of that name. */
  public static ForeignKeyMode of(String id) {
    ForeignKeyMode mode = known(id);
    if (mode == null) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "there is no " + id, "give one of: " + String.join(", ", ids()));
    }
    return mode;
  }
}
