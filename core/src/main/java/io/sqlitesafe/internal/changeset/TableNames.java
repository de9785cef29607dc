package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.ValueText;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes one table of headers whose names differ only in case, and refuses those of other shapes.
 */
public final class TableNames {
  private final Map<String, TableHeader> known = new HashMap<>();
  private @Nullable Format format;

  /** The header to use for what the reader stands on. */
  public TableHeader of(ChangesetReader reader) {
    if (format == null) {
      format = reader.format();
    } else if (format != reader.format()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          reader.name() + " is no " + format.label() + " as what came before it",
          "changesets and patchsets cannot be mixed");
    }
    TableHeader header = reader.table();
    TableHeader first = known.computeIfAbsent(TableHeader.lowerCase(header.name()), name -> header);
    if (!first.hasShapeOf(header)) {
      throw new SqliteSafeException(
          ErrorKind.PRECONDITION,
          reader.name()
              + ": table "
              + ValueText.name(header.name())
              + " has other columns or another key than in what came before it",
          "they were made for different schemas");
    }
    return first;
  }

  /** Null as long as nothing was read. */
  public @Nullable Format format() {
    return format;
  }
}
