package io.sqlitesafe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * ARCHITECTURE's table of rooms is true: it has every package, and what each uses, and no two use
 * each other, by whatever way. The table is read, so that this test names no package. What is API,
 * says module-info.java, and the compiler.
 */
class RoomsTest {
  private static final Path MODULE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
  private static final Path PAGE = MODULE.resolve("../ARCHITECTURE.md").normalize();
  private static final Path SOURCES = MODULE.resolve("src/main/java");
  private static final Pattern HEADING = Pattern.compile("## Rooms of core \\(`([a-z.]+)`\\)");
  private static final Pattern ROW =
      Pattern.compile("\\| (`[a-z.]+`|\\(root\\)) \\| .* \\| (.*) \\|");
  private static final String ROOT = "(root)";

  private final List<String> lines = lines();
  private final String base = base();

  private static List<String> lines() {
    try {
      return Files.readAllLines(PAGE);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String base() {
    return lines.stream()
        .map(HEADING::matcher)
        .filter(Matcher::matches)
        .map(heading -> heading.group(1))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no table of rooms in " + PAGE));
  }

  /** The last column by room, as it is written. */
  private Map<String, String> table() {
    Map<String, String> table = new LinkedHashMap<>();
    boolean inside = false;
    for (String line : lines) {
      inside = inside ? !line.startsWith("## ") : HEADING.matcher(line).matches();
      Matcher row = ROW.matcher(line);
      if (inside && row.matches()) {
        table.put(row.group(1).replace("`", ""), row.group(2));
      }
    }
    return table;
  }

  /** Which packages each package names, in imports or elsewhere; relative to the base. */
  private Map<String, Set<String>> sources() throws IOException {
    Pattern name = Pattern.compile("\\b" + Pattern.quote(base) + "((?:\\.[a-z]+)*)\\.[A-Z]");
    Map<String, Set<String>> uses = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> all = Files.walk(SOURCES)) {
      files = all.filter(file -> file.toString().endsWith(".java")).toList();
    }
    for (Path file : files) {
      Path folder = SOURCES.relativize(file).getParent();
      if (folder == null) {
        continue; // module-info
      }
      String place = folder.toString().replace('/', '.');
      String room = relative(place.substring(base.length()));
      Set<String> used = uses.computeIfAbsent(room, key -> new TreeSet<>());
      Matcher found = name.matcher(Files.readString(file));
      while (found.find()) {
        used.add(relative(found.group(1)));
      }
      used.remove(room);
    }
    return uses;
  }

  private static String relative(String dotted) {
    return dotted.isEmpty() ? ROOT : dotted.substring(1);
  }

  private static String written(Set<String> rooms) {
    return rooms.stream()
        .map(room -> room.equals(ROOT) ? ROOT : "`" + room + "`")
        .collect(Collectors.joining(", "));
  }

  @Test
  void theTableHasEachRoomAndWhatItUses() throws IOException {
    Map<String, String> expected = new TreeMap<>();
    sources().forEach((room, used) -> expected.put(room, written(used)));
    if (Boolean.getBoolean("sqlitesafe.regenerate")) {
      regenerate(expected);
    }
    assertEquals(
        lined(expected),
        lined(new TreeMap<>(table())),
        "a room that is missing, or uses what the table does not say. If that is meant:"
            + " mvn -pl core test -Dtest=RoomsTest -Dsqlitesafe.regenerate=true");
  }

  private static String lined(Map<String, String> table) {
    return table.entrySet().stream()
        .map(row -> row.getKey() + " uses " + row.getValue())
        .collect(Collectors.joining("\n"));
  }

  private void regenerate(Map<String, String> expected) throws IOException {
    for (int i = 0; i < lines.size(); i++) {
      Matcher row = ROW.matcher(lines.get(i));
      if (row.matches()) {
        String uses = expected.getOrDefault(row.group(1).replace("`", ""), row.group(2));
        lines.set(i, lines.get(i).substring(0, row.start(2)) + uses + " |");
      }
    }
    Files.write(PAGE, lines);
  }

  /**
   * In the API and in what is internal, each for itself: a door of the API opens into rooms that
   * know its values.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noTwoRoomsUseEachOther(boolean internal) throws IOException {
    Map<String, Set<String>> uses = sources();
    uses.keySet().removeIf(room -> isInternal(room) != internal);
    uses.values().forEach(used -> used.removeIf(room -> isInternal(room) != internal));
    List<String> circles = new ArrayList<>();
    for (String room : uses.keySet()) {
      if (reachable(room, uses).contains(room)) {
        circles.add(room);
      }
    }
    assertEquals(List.of(), circles);
    assertTrue(uses.size() > 7, uses.toString());
  }

  private static boolean isInternal(String room) {
    return room.startsWith("internal.");
  }

  private static Set<String> reachable(String from, Map<String, Set<String>> uses) {
    Set<String> seen = new TreeSet<>();
    List<String> next = new ArrayList<>(uses.getOrDefault(from, Set.of()));
    while (!next.isEmpty()) {
      String room = next.remove(next.size() - 1);
      if (seen.add(room)) {
        next.addAll(uses.getOrDefault(room, Set.of()));
      }
    }
    return seen;
  }
}
