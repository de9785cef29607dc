package io.sqlitesafe.probe;

import io.sqlitesafe.mount.Use;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one check showed.
 *
 * @param check its name, as in JSON
 * @param state whether it is as databases need it
 * @param text for people, in a clause
 * @param data the figures
 * @param breaks what is unsafe if it is bad
 */
public record Finding(
    String check, State state, String text, Map<String, @Nullable Object> data, List<Use> breaks) {
  /** How a check ended. */
  public enum State {
    GOOD,
    BAD,
    /** A figure that decides nothing. */
    NOTED;

    /** As in JSON. */
    public String id() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
