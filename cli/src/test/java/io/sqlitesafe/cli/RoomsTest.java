package io.sqlitesafe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No two packages of the command line use each other, by whatever way. */
class RoomsTest {
  private static final Path SOURCES =
      Path.of(System.getProperty("basedir", ""), "src/main/java").toAbsolutePath();
  private static final Pattern TYPE =
      Pattern.compile("\\b(io\\.sqlitesafe\\.cli(?:\\.[a-z]+)*)\\.[A-Z]");

  /** Which packages each package names, in imports or elsewhere. */
  private static Map<String, Set<String>> uses() throws IOException {
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
      String room = folder.toString().replace('/', '.');
      Set<String> used = uses.computeIfAbsent(room, key -> new TreeSet<>());
      // Without texts: a process is started by the name of its class.
      String code = Files.readString(file).replaceAll("\"[^\"\n]*\"", "");
      Matcher found = TYPE.matcher(code);
      while (found.find()) {
        used.add(found.group(1));
      }
      used.remove(room);
    }
    return uses;
  }

  @Test
  void noTwoRoomsUseEachOther() throws IOException {
    Map<String, Set<String>> uses = uses();
    List<String> circles = new ArrayList<>();
    for (String room : uses.keySet()) {
      Set<String> seen = new TreeSet<>();
      List<String> next = new ArrayList<>(uses.getOrDefault(room, Set.of()));
      while (!next.isEmpty()) {
        String other = next.remove(next.size() - 1);
        if (seen.add(other)) {
          next.addAll(uses.getOrDefault(other, Set.of()));
        }
      }
      if (seen.contains(room)) {
        circles.add(room + " uses " + uses.get(room));
      }
    }
    assertEquals(List.of(), circles);
    assertTrue(uses.size() > 10, uses.toString());
  }
}
