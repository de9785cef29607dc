package io.sqlitesafe.it.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;

/**
 * How a program ended.
 *
 * @param exit 128 + N where signal N ended it
 */
public record Result(List<String> command, int exit, String out, String err) {
  /** Requires an exit status, and that no stack trace was shown. */
  public Result exits(int expected) {
    assertEquals(expected, exit, this::toString);
    assertFalse(err.contains("\tat ") || err.contains("Exception in thread"), this::toString);
    return this;
  }

  /** Requires text on stderr. */
  public Result says(String fragment) {
    assertTrue(err.contains(fragment), () -> "no \"" + fragment + "\" in stderr of " + this);
    return this;
  }

  /** The one JSON object on stdout. */
  public Map<String, Object> json() {
    return oneLine(out);
  }

  /** The one JSON object on stderr, with every member that the contract names. */
  public Map<String, Object> error(String id) {
    Map<String, Object> error = oneLine(err);
    assertEquals("error", error.get("type"), this::toString);
    assertEquals(id, error.get("id"), this::toString);
    assertEquals((long) exit, error.get("exitCode"), this::toString);
    for (String name : List.of("message", "hint", "database", "details")) {
      assertTrue(error.containsKey(name), () -> "no member " + name + " in " + this);
    }
    return error;
  }

  private Map<String, Object> oneLine(String text) {
    assertEquals(1, text.lines().count(), this::toString);
    return Json.object(text);
  }

  @Override
  public String toString() {
    return String.join(" ", command)
        + "\nexit "
        + exit
        + "\n--- stdout\n"
        + shortened(out)
        + "\n--- stderr\n"
        + shortened(err);
  }

  private static String shortened(String text) {
    return text.length() < 4000 ? text : text.substring(0, 4000) + "...";
  }
}
