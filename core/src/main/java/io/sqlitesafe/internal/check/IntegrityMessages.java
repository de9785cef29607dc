package io.sqlitesafe.internal.check;

import io.sqlitesafe.snapshot.CheckResult;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds table, index, page and rowid in the messages of {@code PRAGMA integrity_check}, whose
 * wording SQLite does not promise: what is not recognised is reported as it is.
 */
final class IntegrityMessages {
  private static final Pattern PAGE = Pattern.compile("\\b[Pp]age (\\d{1,10})\\b");
  private static final Pattern TREE = Pattern.compile("\\b[Tt]ree (?:page )?(\\d{1,10})\\b");
  private static final Pattern ROW = Pattern.compile("\\brow (-?\\d{1,18})\\b");
  private static final Pattern INDEX = Pattern.compile("\\bindex (.+)$");
  private static final Pattern OF_COLUMN =
      Pattern.compile("^(?:NULL|NUMERIC|TEXT|non-\\w+) value in (.+)$");
  private static final Pattern FULL_TEXT =
      Pattern.compile("inverted index for FTS\\d table (?:main\\.)?(.+)$");
  private static final Pattern FTS5_BLOB =
      Pattern.compile("^fts5: corruption .* table \"(.+)\"$", Pattern.CASE_INSENSITIVE);

  private final Schema schema;

  IntegrityMessages(Schema schema) {
    this.schema = schema;
  }

  /** One row of the pragma, which may hold several lines. */
  void problems(String row, Consumer<CheckResult.Problem> sink) {
    if (row.equals("ok")) {
      return;
    }
    for (String line : row.lines().toList()) {
      if (!line.isBlank() && !line.startsWith("*** in database ")) {
        sink.accept(problem(line));
      }
    }
  }

  private CheckResult.Problem problem(String line) {
    String fullText = group(FULL_TEXT, line);
    fullText = fullText == null ? group(FTS5_BLOB, line) : fullText;
    if (fullText != null) {
      return CheckResult.Problem.of(CheckResult.Kind.FULL_TEXT, line, fullText);
    }
    String column = group(OF_COLUMN, line);
    if (column != null) {
      return new CheckResult.Problem(
          CheckResult.Kind.CONSTRAINT,
          line,
          schema.tableBefore(column, "."),
          null,
          null,
          null,
          null);
    }
    Long root = number(TREE, line);
    Schema.Item owner = root == null ? null : schema.byRoot().get(root);
    String index = owner == null ? group(INDEX, line) : owner.index();
    String table = owner == null ? table(index) : owner.table();
    return new CheckResult.Problem(
        CheckResult.Kind.INTEGRITY,
        line,
        table,
        index,
        number(PAGE, root == null ? line : TREE.matcher(line).replaceFirst("")),
        number(ROW, line),
        null);
  }

  private @Nullable String table(@Nullable String index) {
    return index == null ? null : schema.indexTables().get(index);
  }

  private static @Nullable String group(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    return matcher.find() ? matcher.group(1) : null;
  }

  private static @Nullable Long number(Pattern pattern, String line) {
    String digits = group(pattern, line);
    return digits == null ? null : Long.valueOf(digits);
  }
}
