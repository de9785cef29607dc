package io.sqlitesafe.cli.output.rows;

/**
 * How a columnar mode draws.
 *
 * @param top a line above the names: left end, filling, crossing, right end; empty for none
 * @param middle the line below the names, likewise
 * @param bottom the line after the last row, likewise
 * @param left before the first cell
 * @param between two cells
 * @param right after the last cell
 * @param centred names are centred, and always shown
 * @param ruled where a row takes several lines, a line between rows: the middle one, or an empty
 *     one
 */
record ColumnStyle(
    String top,
    String middle,
    String bottom,
    String left,
    String between,
    String right,
    boolean centred,
    boolean ruled) {
  static final ColumnStyle TABLE =
      new ColumnStyle("+-++", "+-++", "+-++", "| ", " | ", " |", true, true);
  static final ColumnStyle BOX =
      new ColumnStyle("┌─┬┐", "├─┼┤", "└─┴┘", "│ ", " │ ", " │", true, true);
  static final ColumnStyle MARKDOWN =
      new ColumnStyle("", "|-||", "", "| ", " | ", " |", true, false);
  static final ColumnStyle COLUMN = new ColumnStyle("", "", "", "", "  ", "", false, true);
}
