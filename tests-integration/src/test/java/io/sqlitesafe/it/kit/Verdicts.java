package io.sqlitesafe.it.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What {@code integrity-check --json} said of several files. */
public record Verdicts(Result result) {

  @SuppressWarnings("unchecked")
  public Map<String, Object> of(Path file) {
    for (Object each : (List<Object>) result.json().get("files")) {
      Map<String, Object> verdict = (Map<String, Object>) each;
      if (verdict.get("database").equals(file.toAbsolutePath().toString())) {
        return verdict;
      }
    }
    return fail("no verdict on " + file + " in " + result);
  }

  @SuppressWarnings("unchecked")
  public List<Map<String, Object>> problems(Path file) {
    return (List<Map<String, Object>>) of(file).get("problems");
  }

  public void ok(Path file) {
    assertEquals("ok", of(file).get("verdict"), () -> file + " in " + result);
    assertEquals(List.of(), problems(file));
  }

  /**
   * Requires that a problem with all these members was found, given as name, value, name, value.
   */
  public void found(Path file, Object... members) {
    assertEquals("damaged", of(file).get("verdict"), () -> file + " in " + result);
    assertTrue(
        problems(file).stream().anyMatch(problem -> has(problem, members)),
        () -> List.of(members) + " not among the problems of " + file + ": " + problems(file));
  }

  private static boolean has(Map<String, Object> problem, Object... members) {
    for (int i = 0; i < members.length; i += 2) {
      Object value = problem.get(members[i]);
      boolean same =
          members[i].equals("message")
              ? String.valueOf(value).contains(String.valueOf(members[i + 1]))
              : members[i + 1].equals(value);
      if (!same) {
        return false;
      }
    }
    return true;
  }
}
