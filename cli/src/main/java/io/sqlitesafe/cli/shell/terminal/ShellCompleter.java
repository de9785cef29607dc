package io.sqlitesafe.cli.shell.terminal;

import io.sqlitesafe.cli.output.rows.ShellFormat;
import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.cli.shell.Catalog;
import io.sqlitesafe.cli.shell.Shell;
import io.sqlitesafe.cli.shell.TablesInStatement;
import io.sqlitesafe.sql.SqlText;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/** Completes keywords, functions, tables, columns, pragmas; dot-commands and their files. */
final class ShellCompleter implements Completer {
  private final Shell shell;

  ShellCompleter(Shell shell) {
    this.shell = shell;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    if (Shell.isDotCommand(line.line())) {
      completeDot(line, candidates);
    } else {
      completeSql(line, candidates);
    }
  }

  // ---- dot-commands ----------------------------------------------------------------------------

  private void completeDot(ParsedLine line, List<Candidate> candidates) {
    if (line.wordIndex() == 0) {
      add(shell.commandNames(), "", candidates);
      return;
    }
    String command = line.words().get(0);
    switch (command) {
      case ".mode" ->
          add(Arrays.stream(ShellFormat.values()).map(f -> "" + f).toList(), "", candidates);
      case ".help" -> add(shell.commandNames(), "", candidates);
      case ".tables", ".schema", ".indexes", ".dump" ->
          add(new Catalog(shell.session()).tables(), "", candidates);
      case ".headers", ".timer", ".changes", ".eqp", ".echo", ".pager" ->
          add(List.of("on", "off"), "", candidates);
      default -> {
        if (shell.takesFiles(command)) {
          completeFile(line.word().substring(0, line.wordCursor()), candidates);
        }
      }
    }
  }

  private void completeFile(String typed, List<Candidate> candidates) {
    int slash = typed.lastIndexOf('/') + 1;
    String parent = typed.substring(0, slash);
    try {
      Path directory = shell.resolve(parent.isEmpty() ? "." : parent);
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        for (Path entry : entries) {
          String name = String.valueOf(entry.getFileName());
          if (name.startsWith(typed.substring(slash))) {
            boolean folder = Files.isDirectory(entry);
            String value = parent + name + (folder ? "/" : "");
            candidates.add(new Candidate(value, name, null, null, null, null, !folder, 0));
          }
        }
      }
    } catch (IOException | DirectoryIteratorException | InvalidPathException nothingToOffer) {
      // the command itself will say what is wrong
    }
  }

  // ---- SQL -------------------------------------------------------------------------------------

  private void completeSql(ParsedLine line, List<Candidate> candidates) {
    int start = line.cursor() - line.wordCursor();
    String typed = line.word().substring(0, line.wordCursor());
    List<SqlText.Token> before = SqlText.tokens(line.line().substring(0, start));
    if (!before.isEmpty() && isInside(before.get(before.size() - 1))) {
      return;
    }
    List<SqlText.Token> words = SqlText.meaningful(line.line().substring(0, start));
    Catalog catalog = new Catalog(shell.session());
    String last = words.isEmpty() ? "" : words.get(words.size() - 1).text();
    String keyword = words.isEmpty() ? "" : words.get(words.size() - 1).keyword();
    if (last.equals(".") && words.size() > 1) {
      completeQualified(words.get(words.size() - 2).name(), line, catalog, candidates);
      return;
    }
    switch (keyword) {
      case "PRAGMA" -> add(catalog.pragmas(), "pragma", candidates);
      case "FROM", "JOIN", "INTO", "UPDATE", "TABLE" ->
          add(quoted(catalog.tables()), "table", candidates);
      default -> {
        List<String> tables = catalog.tables();
        Map<String, String> used = tablesAt(line, tables);
        used.values().stream()
            .distinct()
            .forEach(table -> add(quoted(catalog.columns(table)), "column", candidates));
        add(quoted(tables), "table", candidates);
        boolean lower = !typed.isEmpty() && typed.equals(typed.toLowerCase(Locale.ROOT));
        Collection<String> keywords = SqlLiteral.keywords();
        add(
            lower ? keywords.stream().map(k -> k.toLowerCase(Locale.ROOT)).toList() : keywords,
            "keyword",
            candidates);
        add(catalog.functions(), "function", candidates);
      }
    }
  }

  /** Whether what follows the token is still inside of it: a string or a comment. */
  private static boolean isInside(SqlText.Token token) {
    return token.isOpen() || (token.text().startsWith("--") && !token.text().endsWith("\n"));
  }

  /** After a dot: columns of a table or alias, or tables of a schema. */
  private static void completeQualified(
      String qualifier, ParsedLine line, Catalog catalog, List<Candidate> candidates) {
    List<String> tables = catalog.tables();
    String table = tablesAt(line, tables).get(qualifier.toLowerCase(Locale.ROOT));
    if (table == null && tables.stream().anyMatch(qualifier::equalsIgnoreCase)) {
      table = qualifier;
    }
    if (table != null) {
      add(quoted(catalog.columns(table)), "column", candidates);
      return;
    }
    String prefix = qualifier.toLowerCase(Locale.ROOT) + ".";
    boolean main = prefix.equals("main.");
    add(
        tables.stream()
            .filter(
                each ->
                    main ? !each.contains(".") : each.toLowerCase(Locale.ROOT).startsWith(prefix))
            .map(each -> main ? each : each.substring(prefix.length()))
            .toList(),
        "table",
        candidates);
  }

  /** The tables of the one statement that the cursor is in. */
  private static Map<String, String> tablesAt(ParsedLine line, List<String> known) {
    int from = 0;
    int to = line.line().length();
    for (SqlText.Token token : SqlText.tokens(line.line())) {
      if (token.kind() == SqlText.Kind.SEMICOLON) {
        if (token.end() <= line.cursor()) {
          from = token.end();
        } else {
          to = Math.min(to, token.start());
        }
      }
    }
    return new TablesInStatement(line.line().substring(from, to), known).byAlias();
  }

  private static List<String> quoted(List<String> names) {
    return names.stream().map(name -> name.contains(".") ? name : SqlLiteral.name(name)).toList();
  }

  private static void add(Collection<String> values, String group, List<Candidate> candidates) {
    for (String value : values) {
      candidates.add(
          new Candidate(value, value, group.isEmpty() ? null : group, null, null, null, true, 0));
    }
  }
}
