package io.sqlitesafe.it.kit;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.Operation;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Changes and values as the oracle writes them. */
public final class ChangeText {
  private ChangeText() {}

  public static String of(TableHeader table, Change change) {
    return table.name()
        + " "
        + change.operation()
        + " "
        + (change.indirect() ? 1 : 0)
        + " "
        + before(table, change)
        + " "
        + after(table, change);
  }

  public static List<String> before(TableHeader table, Change change) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < table.columns() && change.operation() != Operation.INSERT; i++) {
      values.add(of(change.before(i)));
    }
    return values;
  }

  public static List<String> after(TableHeader table, Change change) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < table.columns() && change.operation() != Operation.DELETE; i++) {
      values.add(of(change.after(i)));
    }
    return values;
  }

  public static String of(Value value) {
    return switch (value.kind()) {
      case UNDEFINED -> "u";
      case NULL -> "n";
      case INTEGER -> "i" + value.integer();
      case REAL -> "r" + HexFormat.of().toHexDigits(Double.doubleToRawLongBits(value.real()));
      case TEXT -> "t" + HexFormat.of().formatHex(value.bytes());
      case BLOB -> "b" + HexFormat.of().formatHex(value.bytes());
    };
  }
}
