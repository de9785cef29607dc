package io.sqlitesafe.cli.output;

import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of an HTML table, without the table around them. */
final class HtmlPrinter implements RowPrinter {
  private final TextOut out;
  private final Layout layout;

  HtmlPrinter(Writer out, Layout layout) {
    this.out = new TextOut(out);
    this.layout = layout;
  }

  @Override
  public void columns(List<String> names) {
    if (layout.headersOr(false)) {
      line("TH", names.toArray());
    }
  }

  @Override
  public void row(@Nullable Object[] values) {
    line("TD", values);
  }

  private void line(String tag, @Nullable Object[] cells) {
    out.add("<TR>");
    for (Object cell : cells) {
      out.add('<' + tag + '>').add(escaped(layout.text(cell))).add("</" + tag + ">\n");
    }
    out.add("</TR>\n");
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
