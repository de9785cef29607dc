package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.rows.Layout;
import io.sqlitesafe.cli.output.rows.RowPrinter;
import io.sqlitesafe.cli.output.rows.ShellFormat;
import io.sqlitesafe.cli.output.text.Bytes;
import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.cli.output.text.TextWidth;
import io.sqlitesafe.sql.Handle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

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
        DotCommand.of(".indices", "?TABLE?", "The same", this::indexes),
        DotCommand.of(".databases", "", "List attached databases", this::databases),
        DotCommand.of(
            ".lint",
            "fkey-indexes",
            "Report foreign keys without an index that serves them",
            this::lint));
  }

  private static List<String> schemas(Handle session) {
    return Catalog.column(session, "SELECT name FROM pragma_database_list ORDER BY seq");
  }

  private static String table(String schema) {
    return SqlLiteral.quotedName(schema)
        + (schema.equals("temp") ? ".sqlite_temp_schema" : ".sqlite_schema");
  }

  private void tables(List<String> words) {
    String pattern = Arguments.of(words).only("");
    names(
        "SELECT %s || name FROM %s WHERE type IN ('table', 'view')"
            + " AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' AND name LIKE ? ESCAPE '\\'",
        pattern.isEmpty() ? "%" : pattern);
  }

  private void indexes(List<String> words) {
    String table = Arguments.of(words).only("");
    names(
        "SELECT %s || name FROM %s WHERE type = 'index' AND tbl_name LIKE ? ESCAPE '\\'",
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
    Arguments given = Arguments.of(words, "--indent", "--nosys");
    boolean indent = given.has("--indent");
    boolean system = !given.has("--nosys");
    String pattern = given.only("");
    UnaryOperator<String> layout = indent ? SchemaLayout::indented : UnaryOperator.identity();
    shell
        .output()
        .print(shell.session().read(session -> schema(session, pattern, system, true, layout)));
  }

  private static String schema(
      Handle session,
      String pattern,
      boolean system,
      boolean shapes,
      UnaryOperator<String> layout) {
    StringBuilder text = new StringBuilder();
    for (String schema : schemas(session)) {
      String like = pattern.contains(".") ? pattern : "%." + (pattern.isEmpty() ? "%" : pattern);
      String sql =
          "SELECT "
              + SchemaRows.COLUMNS
              + " FROM "
              + table(schema)
              + " WHERE sql IS NOT NULL AND "
              + SqlLiteral.of(schema)
              + " || '.' || tbl_name LIKE ? ESCAPE '\\'"
              + (system ? "" : " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
              + " ORDER BY rowid";
      for (SchemaRows.Item item : SchemaRows.of(session, sql, like)) {
        text.append(layout.apply(Dump.created(item.sql())));
        text.append(shapes ? shape(session, schema, item) : "").append(";\n");
      }
    }
    return text.toString();
  }

  /** The columns of what does not name them itself, as a comment. */
  private static String shape(Handle session, String schema, SchemaRows.Item item) {
    if (!item.type().equals("view") && !item.isVirtual()) {
      return "";
    }
    String name = item.name();
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

  private static String inserts(Handle session, String table) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    RowPrinter printer = ShellFormat.INSERT.printer(text, Layout.DEFAULT.withTable(table));
    session.query("SELECT * FROM " + table, printer);
    printer.finish();
    return Bytes.text(text.toByteArray());
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
    try (OutputStream out = shell.output().result()) {
      for (String line : advice) {
        out.write(Bytes.of(line + "\n"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
