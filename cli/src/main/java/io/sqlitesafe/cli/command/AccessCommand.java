package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.output.notes.Notes;
import io.sqlitesafe.cli.output.results.Results;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.lock.AccessMode;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code access DB [MODE]}. */
public final class AccessCommand implements Command {
  private static final List<String> MODES =
      List.of(AccessMode.TRUSTED.id(), AccessMode.NETWORK_EXCLUSIVE.id());

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "access",
            "Show or change the mode of access",
            "Without MODE, prints the database's mode of access; with MODE, changes it under the"
                + " lock. In trusted access, SQLite's own locks work between all users of the file,"
                + " and readers rely on them. In network-exclusive access they do not (NFS without"
                + " a lock service): readers take a shared lock of this program, and a write"
                + " replaces the file in one step.",
            "Stop all users of the database on all hosts first. The command refuses (15) if"
                + " somebody holds the lock or a shared lock, or if a process on this host has the"
                + " file open. It cannot see users on other hosts that only read. A database with a"
                + " write-ahead log is refused.");
    LockOptions.addOwning(spec);
    spec.addPositional(CommonOptions.database());
    spec.addPositional(
        CommonOptions.word("MODE", "The new mode: trusted or network-exclusive.", MODES));
    spec.usageMessage().footer("Examples:", "  $ sqlite-safe access app.db network-exclusive");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    AccessMode wanted = wanted(arguments.matchedPositionalValue(1, (String) null));
    Database.requireFile(database, false);
    SafeDatabase safe =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "access"));
    boolean changed = wanted != null && safe.changeAccess(wanted);
    AccessMode mode = safe.accessMode();
    CommonOptions common = CommonOptions.of(arguments);
    if (changed) {
      invocation.console().done(database + " is marked for " + mode.id() + " access");
    }
    if (common.json()) {
      new Results("access", database)
          .put("access", mode.id())
          .put("changed", changed)
          .print(invocation);
    } else if (wanted != null) {
      common.confirm(invocation.console(), mode.id() + "\n");
    } else {
      invocation.console().print(mode.id() + "\n");
    }
    if (changed && !common.json()) {
      new Notes(invocation.console(), common).note(explanation(mode));
    }
    return 0;
  }

  private static @Nullable AccessMode wanted(@Nullable String text) {
    if (text == null) {
      return null;
    }
    if (!MODES.contains(text)) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "there is no mode of access " + text,
          "the modes are: " + String.join(", ", MODES));
    }
    return AccessMode.of(text);
  }

  private static String explanation(AccessMode mode) {
    return mode == AccessMode.NETWORK_EXCLUSIVE
        ? "from now on only programs that follow the lock protocol may open it, for reading too;"
            + " sqlite3 on its own may not"
        : "from now on readers and writers rely on SQLite's own locks, too";
  }
}
