package io.sqlitesafe.cli.output.text;

/** How wide text is on a terminal. */
public final class TextWidth {
  private TextWidth() {}

  /** In columns; approximate beyond East Asia. */
  public static int of(String text) {
    return DisplayText.width(text);
  }
}
