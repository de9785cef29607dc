package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.Layout;
import io.sqlitesafe.cli.output.RowPrinter;
import io.sqlitesafe.cli.output.ShellFormat;
import io.sqlitesafe.cli.output.SqlLiteral;
import io.sqlitesafe.cli.output.TextWidth;
import io.sqlitesafe.db.Session;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Dot-commands about what is in a database. */
final class SchemaCommands {
  private static final int SCREEN = 80;

  private final Shell shell;

  SchemaCommands(Shell shell) {
    this.shell = shell;
  }

  List<DotCommand> all() {
    return List.of(
        DotCommand.of(
            ".tables", "?PATTERN?", "List tables and views, by LIKE pattern", this::tables),
        DotCommand.of(
            ".schema",
            "?--indent? ?--nosys? ?PATTERN?",
            "Show the CREATE statements, --indent: long ones on several lines",
            this::schema),
        DotCommand.of(
            ".fullschema", "", "Show the schema and the statistics of ANALYZE", this::fullSchema),
        DotCommand.of(".indexes", "?TABLE?", "List indexes", this::indexes),
        DotCommand.of(".databases", "", "List attached databases", this::databases),
        DotCommand.of(
            ".lint",
            "fkey-indexes",
            "Report foreign keys without an index that serves them",
            this::lint));
  }

  private static List<String> schemas(Session session) {
    return Catalog.column(session, "SELECT name FROM pragma_database_list ORDER BY seq");
  }

  private static String table(String schema) {
    return SqlLiteral.quotedName(schema)
        + (schema.equals("temp") ? ".sqlite_temp_schema" : ".sqlite_schema");
  }

  private void tables(List<String> words) {
    String pattern = DotCommand.optional(words);
    names(
        "SELECT %s || name FROM %s WHERE type IN ('table', 'view')"
            + " AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' AND name LIKE ?",
        pattern.isEmpty() ? "%" : pattern);
  }

  private void indexes(List<String> words) {
    String table = DotCommand.optional(words);
    names(
        "SELECT %s || name FROM %s WHERE type = 'index' AND tbl_name LIKE ?",
        table.isEmpty() ? "%" : table);
  }

  private void names(String sql, String pattern) {
    List<String> names =
        shell
            .session()
            .read(
                session -> {
                  List<String> all = new ArrayList<>();
                  for (String schema : schemas(session)) {
                    String prefix = schema.equals("main") ? "" : schema + ".";
                    String each = sql.formatted(SqlLiteral.of(prefix), table(schema));
                    all.addAll(Catalog.column(session, each, pattern));
                  }
                  all.sort(null);
                  return all;
                });
    shell.output().print(inColumns(names));
  }

  /** Down, then across, as ls does. */
  private static String inColumns(List<String> names) {
    int widest = names.stream().mapToInt(TextWidth::of).max().orElse(0);
    int columns = Math.max(1, SCREEN / (widest + 2));
    int rows = (names.size() + columns - 1) / columns;
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < rows; row++) {
      for (int i = row; i < names.size(); i += rows) {
        text.append(i == row ? "" : "  ").append(names.get(i));
        text.append(" ".repeat(widest - TextWidth.of(names.get(i))));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private void schema(List<String> words) {
    List<String> rest = new ArrayList<>(words);
    boolean indent = rest.remove("--indent");
    boolean system = !rest.remove("--nosys");
    String pattern = DotCommand.optional(rest);
    UnaryOperator<String> layout = indent ? SchemaLayout::indented : UnaryOperator.identity();
    shell
        .output()
        .print(shell.session().read(session -> schema(session, pattern, system, true, layout)));
  }

  private static String schema(
      Session session,
      String pattern,
      boolean system,
      boolean shapes,
      UnaryOperator<String> layout) {
    StringBuilder text = new StringBuilder();
    for (String schema : schemas(session)) {
      String like = pattern.contains(".") ? pattern : "%." + (pattern.isEmpty() ? "%" : pattern);
      String sql =
          "SELECT type, name, sql FROM "
              + table(schema)
              + " WHERE sql IS NOT NULL AND "
              + SqlLiteral.of(schema)
              + " || '.' || tbl_name LIKE ?"
              + (system ? "" : " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
              + " ORDER BY rowid";
      for (Map<String, @Nullable Object> row : session.rows(sql, like)) {
        text.append(layout.apply(Dump.created(String.valueOf(row.get("sql")))));
        text.append(shapes ? shape(session, schema, row) : "").append(";\n");
      }
    }
    return text.toString();
  }

  /** The columns of what does not name them itself, as a comment. */
  private static String shape(Session session, String schema, Map<String, @Nullable Object> row) {
    boolean view = "view".equals(row.get("type"));
    boolean virtual =
        String.valueOf(row.get("sql")).regionMatches(true, 0, "CREATE VIRTUAL", 0, 14);
    if (!view && !virtual) {
      return "";
    }
    String name = String.valueOf(row.get("name"));
    List<String> columns =
        Catalog.column(
            session,
            "SELECT name FROM pragma_table_xinfo(?, ?) WHERE hidden <> 1 ORDER BY cid",
            name,
            schema);
    String prefix = schema.equals("main") ? "" : schema + ".";
    return "\n/* "
        + prefix
        + SqlLiteral.name(name)
        + "("
        + String.join(",", columns.stream().map(SqlLiteral::name).toList())
        + ") */";
  }

  private void fullSchema(List<String> words) {
    if (!words.isEmpty()) {
      throw new DotCommand.WrongUse();
    }
    String text =
        shell
            .session()
            .read(
                session -> {
                  List<String> statistics =
                      Catalog.column(
                          session,
                          "SELECT name FROM sqlite_schema WHERE name GLOB 'sqlite_stat[134]'"
                              + " ORDER BY name");
                  String schema = schema(session, "main.%", false, false, UnaryOperator.identity());
                  if (statistics.isEmpty()) {
                    return schema + "/* No STAT tables available */\n";
                  }
                  StringBuilder all = new StringBuilder(schema + "ANALYZE sqlite_schema;\n");
                  statistics.forEach(table -> all.append(inserts(session, table)));
                  return all.append("ANALYZE sqlite_schema;\n").toString();
                });
    shell.output().print(text);
  }

  private static String inserts(Session session, String table) {
    StringWriter text = new StringWriter();
    RowPrinter printer = ShellFormat.INSERT.printer(text, Layout.DEFAULT.withTable(table));
    session.query("SELECT * FROM " + table, printer);
    printer.finish();
    return text.toString();
  }

  private void databases(List<String> words) {
    if (!words.isEmpty()) {
      throw new DotCommand.WrongUse();
    }
    StringBuilder text = new StringBuilder();
    shell
        .session()
        .read(session -> session.rows("SELECT name, file FROM pragma_database_list ORDER BY seq"))
        .forEach(
            row -> {
              boolean writable = "main".equals(row.get("name")) && !shell.readOnly();
              text.append(row.get("name")).append(": ").append(row.get("file"));
              text.append(writable ? " r/w\n" : " r/o\n");
            });
    shell.output().print(text.toString());
  }

  private void lint(List<String> words) {
    if (!DotCommand.only(words).equals("fkey-indexes")) {
      throw new DotCommand.WrongUse();
    }
    List<String> advice = shell.session().read(ForeignKeyLint::advice);
    try (Writer out = shell.output().result()) {
      for (String line : advice) {
        out.write(line + "\n");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
