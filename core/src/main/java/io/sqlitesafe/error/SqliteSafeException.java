package io.sqlitesafe.error;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of this library. Its message says what happened and to which file, its hint
 * what to do next; its kind decides the exit status. Unchecked, because callers rarely recover from
 * more than one or two kinds.
 */
public final class SqliteSafeException extends RuntimeException {
  private final ErrorKind kind;
  private final @Nullable String hint;
  private final transient Map<String, Object> details = new LinkedHashMap<>();

  public SqliteSafeException(ErrorKind kind, String message, @Nullable String hint) {
    this(kind, message, hint, null);
  }

  public SqliteSafeException(
      ErrorKind kind, String message, @Nullable String hint, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.hint = hint;
  }

  /**
   * Adds a machine-readable fact (string, number, boolean, list or map of these) and returns this.
   */
  public SqliteSafeException with(String name, @Nullable Object value) {
    if (value != null) {
      details.put(name, value);
    }
    return this;
  }

  public ErrorKind kind() {
    return kind;
  }

  /** What to do next, or null where the message says it all. */
  public @Nullable String hint() {
    return hint;
  }

  /** Machine-readable facts, in the order they were added. */
  public Map<String, Object> details() {
    return Collections.unmodifiableMap(details);
  }
}
