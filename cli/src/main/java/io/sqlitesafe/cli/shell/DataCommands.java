package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Dot-commands that move data, and the values of parameters. */
final class DataCommands {
  private final Shell shell;

  DataCommands(Shell shell) {
    this.shell = shell;
  }

  List<DotCommand> all() {
    return List.of(
        DotCommand.onFiles(".read", "FILE", "Run the SQL and dot-commands in FILE", this::read),
        DotCommand.onFiles(
            ".import",
            "?--csv|--tsv|--jsonl|--ascii? ?--skip N? FILE TABLE",
            "Insert the rows of FILE; its first line makes the table, or may name its columns",
            words -> new ImportCommand(shell).run(words)),
        DotCommand.of(
            ".dump",
            "?--data-only? ?--newlines? ?--nosys? ?--preserve-rowids? ?PATTERN ...?",
            "Show the database as SQL that makes it again",
            this::dump),
        DotCommand.of(
            ".sha3sum",
            "?--schema? ?--sha3-224|256|384|512? ?PATTERN?",
            "Show a hash of the content",
            this::sha3sum),
        DotCommand.of(
            ".parameter",
            "clear|list|set NAME VALUE|unset NAME",
            "Set the values of :NAME in statements",
            this::parameter));
  }

  private void read(List<String> words) {
    Script.ofFile(shell, shell.resolve(DotCommand.only(words)));
  }

  private void dump(List<String> words) {
    Arguments given =
        Arguments.of(words, "--data-only", "--newlines", "--nosys", "--preserve-rowids");
    Dump.Request request =
        new Dump.Request(
            given.rest(),
            given.has("--data-only"),
            given.has("--preserve-rowids"),
            given.has("--newlines"),
            !given.has("--nosys"));
    try (OutputStream out = shell.output().result()) {
      int objects = shell.session().read(session -> new Dump(session, out, request).run());
      if (objects == 0 && !given.rest().isEmpty()) {
        throw new SqliteSafeException(
            ErrorKind.USAGE,
            "nothing is named like " + String.join(" ", given.rest()),
            "the dump is empty; .tables lists what there is");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    shell.output().endResult();
  }

  private void sha3sum(List<String> words) {
    Arguments given =
        Arguments.of(words, "--schema", "--sha3-224", "--sha3-256", "--sha3-384", "--sha3-512");
    boolean schema = given.has("--schema");
    int bits = 224; // as sqlite3 does
    for (int each : new int[] {224, 256, 384, 512}) {
      bits = given.has("--sha3-" + each) ? each : bits;
    }
    String pattern = given.only("");
    int size = bits;
    String hash =
        shell
            .session()
            .read(
                session ->
                    new ContentHash(session, size).of(pattern.isEmpty() ? "%" : pattern, schema));
    shell.output().print(hash.isEmpty() ? "" : hash + "\n");
  }

  private void parameter(List<String> words) {
    Map<String, @Nullable Object> parameters = shell.preferences().parameters;
    switch (words.isEmpty() ? "" : words.get(0)) {
      case "clear" -> parameters.clear();
      case "init" -> {} // for scripts written for sqlite3, which needs it
      case "list" -> {
        int widest = parameters.keySet().stream().mapToInt(String::length).max().orElse(0);
        StringBuilder text = new StringBuilder();
        parameters.forEach(
            (name, value) ->
                text.append(":" + name + " ".repeat(widest - name.length() + 1))
                    .append(SqlLiteral.of(value))
                    .append('\n'));
        shell.output().print(text.toString());
      }
      case "set" -> {
        if (words.size() != 3) {
          throw new DotCommand.WrongUse();
        }
        parameters.put(bare(words.get(1)), evaluated(words.get(2)));
      }
      case "unset" -> {
        if (words.size() != 2) {
          throw new DotCommand.WrongUse();
        }
        parameters.remove(bare(words.get(1)));
      }
      default -> throw new DotCommand.WrongUse();
    }
  }

  private static String bare(String name) {
    String bare = name.replaceFirst("^[:@$]", "");
    if (bare.isEmpty()) {
      throw new SqliteSafeException(ErrorKind.USAGE, "a parameter needs a name", null);
    }
    return bare;
  }

  /** As an SQL expression where it is one, else as text. */
  private @Nullable Object evaluated(String text) {
    try {
      Map<String, @Nullable Object> row =
          shell.session().read(session -> session.rows("SELECT (" + text + ")").get(0));
      return row.values().iterator().next();
    } catch (SqliteSafeException notSql) {
      return text;
    }
  }
}
