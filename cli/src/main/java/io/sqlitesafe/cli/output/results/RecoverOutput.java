package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.cli.output.text.DisplayText;
import io.sqlitesafe.internal.host.ShellWord;
import io.sqlitesafe.recover.RecoverResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a recovery brought, as text and as JSON. */
public final class RecoverOutput {
  private static final int MOST_SHOWN = 10;
  private static final int WIDTH = 300;

  private RecoverOutput() {}

  /** The report, and what to do with the new file. */
  public static String text(RecoverResult report, Path database, Path output) {
    StringBuilder text = new StringBuilder();
    lines(report).forEach(line -> text.append(line).append('\n'));
    text.append(
        report.checked().isEmpty()
            ? output + " is sound (full check). "
            : output + " is not sound: see above. ");
    text.append("To put it in place: sqlite-safe restore ");
    text.append(ShellWord.of(output)).append(' ');
    text.append(ShellWord.of(database)).append('\n');
    return text.toString();
  }

  /** The report, line by line. */
  public static List<String> lines(RecoverResult report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "recovered "
            + number(report.rows())
            + " rows"
            + (report.isComplete() ? ", nothing is missing" : ", not everything")
            + "; read was "
            + report.state()
            + (report.mixed() ? ", perhaps of two moments" : ""));
    report.layout().forEach(note -> lines.add("  note: " + shown(note)));
    report.tables().forEach(table -> table(table, lines));
    if (!report.headerComplete()) {
      lines.add(
          "  the header is lost, and with it user_version and application_id: set them again");
    }
    if (!report.schemaComplete()) {
      lines.add("  the schema is damaged: there may have been other tables and indexes");
    }
    extra(report.lostAndFound(), "rows that are damaged or fit into no table", lines);
    extra(report.deleted(), "rows that were deleted", lines);
    few(report.rebuilt(), "  rebuilt: ", lines);
    for (RecoverResult.NotMade each : report.notMade()) {
      lines.add("  not made: " + shown(each.name()) + ": " + shown(each.why()));
    }
    few(report.checked(), "  the new file is damaged: ", lines);
    few(report.notes(), "  note: ", lines);
    return lines;
  }

  private static void extra(RecoverResult.@Nullable Extra extra, String what, List<String> lines) {
    if (extra != null) {
      lines.add("  table " + shown(extra.table()) + ": " + number(extra.rows()) + " " + what);
    }
  }

  private static void few(List<String> all, String before, List<String> lines) {
    for (String each : all.subList(0, Math.min(all.size(), MOST_SHOWN))) {
      lines.add(before + shown(each));
    }
    if (all.size() > MOST_SHOWN) {
      lines.add(before + "and " + (all.size() - MOST_SHOWN) + " more (--json has all)");
    }
  }

  private static void table(RecoverResult.Table table, List<String> lines) {
    StringBuilder line = new StringBuilder("  table ").append(shown(table.name())).append(": ");
    line.append(number(table.rows())).append(" rows");
    if (table.attached() > 0) {
      line.append(", some of them from ").append(table.attached());
      line.append(" pages that nothing pointed to");
    }
    if (table.twice() > 0) {
      line.append(", ").append(number(table.twice())).append(" found twice and kept once");
    }
    lines.add(line.toString());
    List<String> missing = new ArrayList<>();
    table.missing().forEach(each -> missing.add(missing(each)));
    few(missing, "    missing: ", lines);
    if (table.doubtful() > 0) {
      lines.add("    damaged rows, in lost_and_found: " + number(table.doubtful()));
    }
    if (table.lostRows() > 0) {
      lines.add("    rows of which nothing can be read: " + number(table.lostRows()));
    }
    if (table.conflictsTable() != null) {
      lines.add(
          "    rows that its keys cannot hold, in "
              + shown(table.conflictsTable())
              + ": "
              + number(table.conflicts()));
    }
  }

  private static String missing(RecoverResult.Missing missing) {
    String page = " (page " + missing.page() + " " + missing.why() + ")";
    Long above = missing.above();
    Long upTo = missing.upTo();
    if (above == null && upTo == null) {
      return "an unknown number of rows" + page;
    }
    if (above == null) {
      return "rowids up to " + upTo + page;
    }
    if (upTo == null) {
      return "rowids above " + above + page;
    }
    return above + 1 == upTo
        ? "rowid " + upTo + page
        : "rowids " + (above + 1) + " to " + upTo + page;
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Names and messages hold what the damaged file held. */
  private static String shown(String text) {
    return DisplayText.of(text, WIDTH);
  }

  /** The result; see the manual page. */
  public static Results json(RecoverResult report, Path database) {
    List<Object> tables = new ArrayList<>();
    report.tables().forEach(table -> tables.add(json(table)));
    List<Object> notMade = new ArrayList<>();
    for (RecoverResult.NotMade each : report.notMade()) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("name", each.name());
      one.put("message", each.why());
      one.put("sql", each.sql());
      notMade.add(one);
    }
    List<String> notes = new ArrayList<>(report.layout());
    notes.addAll(report.notes());
    return new Results("recover", database)
        .put("file", report.file().toString())
        .put("complete", report.isComplete())
        .put("rows", report.rows())
        .put("state", report.state())
        .put("pageSize", report.pageSize())
        .put("pageCount", report.pageCount())
        .put("schemaComplete", report.schemaComplete())
        .put("headerComplete", report.headerComplete())
        .put("logComplete", report.logComplete())
        .put("mixed", report.mixed())
        .put("tables", tables)
        .put("lostAndFound", json(report.lostAndFound()))
        .put("deleted", json(report.deleted()))
        .put("rebuilt", report.rebuilt())
        .put("notMade", notMade)
        .put("problems", report.checked())
        .put("notes", notes);
  }

  private static @Nullable Map<String, @Nullable Object> json(RecoverResult.@Nullable Extra extra) {
    if (extra == null) {
      return null;
    }
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("table", extra.table());
    json.put("rows", extra.rows());
    return json;
  }

  private static Map<String, @Nullable Object> json(RecoverResult.Table table) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("table", table.name());
    json.put("rows", table.rows());
    json.put("complete", table.isComplete());
    json.put("pages", table.pages());
    json.put("pagesWithoutParent", table.attached());
    List<Object> missing = new ArrayList<>();
    for (RecoverResult.Missing each : table.missing()) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("page", each.page());
      one.put("above", each.above());
      one.put("upTo", each.upTo());
      one.put("reason", each.why());
      missing.add(one);
    }
    json.put("missing", missing);
    json.put("damagedRows", table.doubtful());
    json.put("lostRows", table.lostRows());
    json.put("foundTwice", table.twice());
    json.put("conflicts", table.conflicts());
    json.put("conflictsTable", table.conflictsTable());
    return json;
  }
}
