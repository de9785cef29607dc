package io.sqlitesafe.cli.shell.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.cli.shell.ShellLab;
import io.sqlitesafe.error.Cancellation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jline.reader.Candidate;
import org.jline.reader.EOFError;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Parser;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Typing, completing and colouring, on a terminal that is a pair of pipes. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class InteractiveShellTest {
  @TempDir Path directory;
  private ShellLab lab;

  @BeforeEach
  void open() {
    lab =
        new ShellLab(
            directory,
            "CREATE TABLE stock(id INTEGER PRIMARY KEY, item TEXT)",
            "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer TEXT, stock_id INT)",
            "INSERT INTO stock(item) VALUES('bolt')");
  }

  @AfterEach
  void close() {
    lab.close();
  }

  // ---- typing ----------------------------------------------------------------------------------

  private static Terminal terminal(java.io.InputStream in, java.io.OutputStream out)
      throws IOException {
    Terminal terminal =
        new ExternalTerminal("test", "xterm-256color", in, out, StandardCharsets.UTF_8);
    terminal.setSize(new Size(80, 24));
    return terminal;
  }

  private static Console console() {
    return new Console(
        new java.io.ByteArrayInputStream(new byte[0]),
        new ByteArrayOutputStream(),
        new StringWriter(),
        false);
  }

  /** Types everything at once, and returns the exit status once the shell has read it. */
  private int type(String keys) throws Exception {
    PipedInputStream in = new PipedInputStream(1 << 16);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (PipedOutputStream typing = new PipedOutputStream(in);
        InteractiveShell interactive =
            new InteractiveShell(
                terminal(in, new ByteArrayOutputStream()), console(), new Cancellation())) {
      Future<Integer> status = thread.submit(() -> interactive.run(lab.shell(), true, null));
      typing.write(keys.getBytes(StandardCharsets.UTF_8));
      typing.flush();
      return status.get();
    } finally {
      thread.shutdownNow();
    }
  }

  private long count(String table) {
    return lab.shell().session().read(s -> s.integer("SELECT count(*) FROM " + table));
  }

  @Test
  void statementsMayTakeSeveralLines() throws Exception {
    assertEquals(0, type("INSERT INTO stock(item)\rVALUES('a;\rb');\r\u0004"));
    assertEquals(2, count("stock"));
  }

  @Test
  void anErrorDoesNotEndTheSession() throws Exception {
    assertEquals(3, type("SELEC 1;\rDELETE FROM stock;\r.exit 3\r"));
    assertEquals(0, count("stock"));
  }

  @Test
  void tabCompletes() throws Exception {
    assertEquals(0, type("DELETE FROM sto\t;\r\u0004"));
    assertEquals(0, count("stock"));
  }

  @Test
  void undoingAsksFirst() throws Exception {
    assertEquals(0, type(".capture on changes\rDELETE FROM stock;\r.undo\rn\r\u0004"));
    assertEquals(0, count("stock"));
    assertEquals(0, type(".undo\r\r.undo\ry\rINSERT INTO stock VALUES(5,'x');\r\u0004"));
    assertEquals(2, count("stock"));
  }

  // ---- when an entry is whole ------------------------------------------------------------------

  @Test
  void enterEndsAWholeEntryOnly() {
    ShellParser parser = new ShellParser();
    for (String whole : List.of("", ".tables", "SELECT 1;", "-- x")) {
      parser.parse(whole, whole.length(), Parser.ParseContext.ACCEPT_LINE);
    }
    for (String part :
        List.of("SELECT 1", "SELECT ';", "CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT 1;")) {
      assertThrows(
          EOFError.class,
          () -> parser.parse(part, part.length(), Parser.ParseContext.ACCEPT_LINE),
          part);
    }
  }

  // ---- completion ------------------------------------------------------------------------------

  private List<String> complete(String text) throws IOException {
    int cursor = text.indexOf('|');
    String line = text.replace("|", "");
    List<Candidate> candidates = new ArrayList<>();
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(
                terminal(
                    new java.io.ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream()))
            .build();
    new ShellCompleter(lab.shell())
        .complete(
            reader,
            new ShellParser().parse(line, cursor, Parser.ParseContext.COMPLETE),
            candidates);
    return candidates.stream().map(Candidate::value).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "SELECT | FROM stock! item! customer",
        "SELECT | FROM orders o JOIN stock! customer! zzz",
        "SELECT o.| FROM orders AS o! customer! item",
        "SELECT s.it| FROM orders o, stock s! item! customer",
        "SELECT * FROM |! orders! item",
        "INSERT INTO st|! stock! item",
        "UPDATE |! stock! item",
        "DELETE FROM stock WHERE |! item! customer",
        "sel|! select! SELECT",
        "SEL|! SELECT! select",
        "SELECT substr|! substr! zzz",
        "PRAGMA us|! user_version! stock",
        "SELECT * FROM stock; SELECT | FROM orders! customer! item",
        "SELECT main.|! stock! item",
        ".mo|! .mode! stock",
        ".mode b|! box! stock",
        ".schema st|! stock! item",
        ".read ap|! app.db! stock"
      })
  void offersWhatFits(String text, String offered, String not) throws IOException {
    List<String> values = complete(text);
    assertTrue(values.contains(offered), () -> text + ": " + values);
    assertFalse(values.contains(not), () -> text + ": " + values);
  }

  @Test
  void offersNothingInsideStrings() throws IOException {
    assertEquals(List.of(), complete("SELECT 'st|"));
    assertEquals(List.of(), complete("SELECT 1 -- st|"));
  }

  // ---- colours ---------------------------------------------------------------------------------

  private static AttributedString highlight(String text, boolean colour) {
    return new SqlHighlighter(colour).highlight(text);
  }

  @Test
  void anUnclosedQuoteIsRed() {
    AttributedString open = highlight("SELECT 'abc", true);
    AttributedString closed = highlight("SELECT 'abc'", true);
    AttributedStyle red = AttributedStyle.DEFAULT.foreground(AttributedStyle.RED).bold();
    assertEquals(red, open.styleAt(8));
    assertFalse(red.equals(closed.styleAt(8)));
    assertEquals("SELECT 'abc", open.toString());
  }

  @Test
  void withoutColourTextIsPlain() {
    AttributedString text = highlight("SELECT 'abc", false);
    for (int i = 0; i < text.length(); i++) {
      assertEquals(AttributedStyle.DEFAULT, text.styleAt(i));
    }
  }
}
