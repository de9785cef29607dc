package io.sqlitesafe.it.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A command line that must be refused: the exit status, what the message says, and that it says the
 * same as JSON, shows no stack trace and no control character, and leaves everything as it was.
 */
public final class Refusal {
  private static final Map<Integer, String> IDS =
      Map.of(
          1,
          "failed",
          2,
          "usage",
          10,
          "no-database",
          11,
          "lock-busy",
          13,
          "precondition",
          14,
          "damaged",
          15,
          "unsafe");

  private final Path database;
  private final List<Object> words = new ArrayList<>();
  private UnaryOperator<Program> input = program -> program;

  private Refusal(Path database) {
    this.database = database;
  }

  /** A command on {@code database}, which {@code words} must name. */
  public static Refusal of(Path database, Object... words) {
    Refusal refusal = new Refusal(database);
    refusal.words.addAll(List.of(words));
    return refusal;
  }

  public Refusal reading(UnaryOperator<Program> value) {
    input = value;
    return this;
  }

  public void expect(int exit, String fragment) {
    String before = state();
    Result text = input.apply(Cli.command(words.toArray())).run().exits(exit);
    check(text, text.err(), fragment);
    assertTrue(text.err().startsWith("sqlite-safe: "), text::toString);
    words.add(1, "--json");
    Result json = input.apply(Cli.command(words.toArray())).run().exits(exit);
    Map<String, Object> error = json.error(IDS.get(exit));
    check(json, String.valueOf(error.get("message")) + error.get("hint"), fragment);
    assertEquals(before, state(), text::toString);
    // A command line that does not parse has no certain database.
    if (words.contains(database) && !(exit == 2 && error.get("database") == null)) {
      assertEquals(real(database), error.get("database"), json::toString);
    }
  }

  private static void check(Result result, String words, String fragment) {
    assertTrue(words.contains(fragment), () -> "no \"" + fragment + "\" in " + result);
    assertEquals("", result.out(), result::toString);
    String all = result.out() + result.err();
    assertFalse(
        all.chars().anyMatch(c -> c != '\n' && Character.getType(c) == Character.CONTROL),
        () -> "control characters in " + result);
  }

  private static String real(Path path) {
    return path.toAbsolutePath().toString();
  }

  /** The database's content and everything beside it. */
  private String state() {
    if (!Files.isRegularFile(database) || !Files.isReadable(database)) {
      return Files.exists(database, LinkOption.NOFOLLOW_LINKS) + " " + neighbours();
    }
    return Db.sha256(database) + " " + neighbours();
  }

  private List<String> neighbours() {
    Path parent = Objects.requireNonNull(database.toAbsolutePath().getParent());
    return Files.isDirectory(parent) ? Db.beside(database) : List.of();
  }
}
