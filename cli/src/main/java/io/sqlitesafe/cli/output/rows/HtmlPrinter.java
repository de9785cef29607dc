package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.TextOut;
import io.sqlitesafe.sql.Cells;
import io.sqlitesafe.sql.RowSink;
import java.io.OutputStream;
import java.util.List;

/** Rows of an HTML table, without the table around them. */
final class HtmlPrinter implements RowPrinter, RowSink.Rows.OfCells {
  private final TextOut out;
  private final Layout layout;

  HtmlPrinter(OutputStream out, Layout layout) {
    this.out = new TextOut(out);
    this.layout = layout;
  }

  @Override
  public Rows columns(List<String> names) {
    if (layout.headersOr(false)) {
      out.add("<TR>");
      names.forEach(name -> cell("TH", name));
      out.add("</TR>\n");
    }
    return this;
  }

  @Override
  public boolean typed() {
    return false;
  }

  @Override
  public void cells(Cells row) {
    out.add("<TR>");
    for (int i = 0; i < row.count(); i++) {
      cell("TD", layout.text(row, i));
    }
    out.add("</TR>\n");
  }

  private void cell(String tag, String text) {
    out.add('<' + tag + '>').add(escaped(text)).add("</" + tag + ">\n");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  @Override
  public void finish() {
    out.flush();
  }
}
