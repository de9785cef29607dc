package io.sqlitesafe.cli.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

/** README stays short, each page of docs is reached from it, and links and pictures work. */
class DocumentsTest {
  private static final Path ROOT =
      Path.of(System.getProperty("basedir", "")).toAbsolutePath().getParent();
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (String name : List.of("README.md", "RECIPES.md", "ARCHITECTURE.md", "CONTRIBUTING.md")) {
      pages.add(ROOT.resolve(name));
    }
    pages.add(ROOT.resolve("tests-integration/README.md"));
    pages.addAll(files("docs", ".md"));
    return pages;
  }

  private static List<Path> files(String folder, String ending) throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  @Test
  void readmeIsShortAndLeadsToEachPage() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    assertTrue(readme.lines().count() <= 200, "README has " + readme.lines().count() + " lines");
    for (Path page : files("docs", ".md")) {
      assertTrue(readme.contains("(docs/" + page.getFileName() + ")"), page.toString());
    }
    assertTrue(readme.contains("\n    sh packaging/quickstart.sh\n"), "the first command");
    assertTrue(readme.contains("\n    sh tests-integration/run-tests.sh\n"), "the second command");
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    List<String> dead = new ArrayList<>();
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        String[] parts = link.group(1).split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        boolean leads =
            link.group(1).startsWith("https:")
                || Files.exists(target)
                    && (parts.length == 1 || anchors(target).contains(parts[1]));
        if (!leads) {
          dead.add(ROOT.relativize(page) + ": " + link.group(1));
        }
      }
    }
    assertEquals(List.of(), dead);
  }

  /** As GitHub makes them of headings. */
  private static List<String> anchors(Path page) throws IOException {
    List<String> anchors = new ArrayList<>();
    Matcher heading = HEADING.matcher(Files.readString(page));
    while (heading.find()) {
      String lower = heading.group(1).toLowerCase(Locale.ROOT);
      anchors.add(lower.replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-'));
    }
    return anchors;
  }

  @Test
  void picturesAreReadableOnLightAndDarkPages() throws Exception {
    List<Path> pictures = new ArrayList<>(files("docs", ".svg"));
    pictures.addAll(files("tests-integration/bench/plots", ".svg"));
    assertTrue(pictures.size() >= 4, pictures.toString());
    for (Path picture : pictures) {
      var factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      var svg = factory.newDocumentBuilder().parse(picture.toFile()).getDocumentElement();
      assertEquals("svg", svg.getTagName());
      assertTrue(svg.getElementsByTagName("title").getLength() > 0, picture + " has no title");
      String text = Files.readString(picture);
      assertTrue(text.contains("class=\"card\""), picture + " has no ground of its own");
      assertTrue(text.contains("prefers-color-scheme: dark"), picture + " is for light pages only");
    }
  }
}
