package io.sqlitesafe.cli.command;

import io.sqlitesafe.cli.input.RowReader;
import io.sqlitesafe.cli.input.SqlSource;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.DumpScript;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.PreparedSql;
import io.sqlitesafe.sql.RowSink;
import io.sqlitesafe.sql.SqlStatement;
import io.sqlitesafe.sql.StatementPolicy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The statements of one command with their parameters; stops at the first error. */
final class Script {
  private final SqlSource source;
  private final Map<String, @Nullable Object> parameters;
  private final Set<String> used = new HashSet<>();
  private @Nullable DumpScript dump;
  private @Nullable SqlStatement beginning;
  private boolean isDump;
  private long orphans;
  private @Nullable String uncounted;
  private long statements;
  private long changes;
  private long rows;

  Script(SqlSource source, Map<String, @Nullable Object> parameters) {
    this.source = source;
    this.parameters = parameters;
  }

  /** Goes through all statements before any of them runs, and refuses what may not run. */
  void check(Consumer<SqlStatement> also) {
    List<SqlStatement> first = new ArrayList<>(1);
    source.forEach(
        statement -> {
          if (part(statement) == null) {
            requireAllowed(statement);
            also.accept(statement);
          }
          if (first.isEmpty()) {
            first.add(statement);
          }
        });
    requireWholeDump();
    if (first.isEmpty()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "no SQL given",
          "give it as an argument, by --file, or on standard input");
    }
  }

  /** Whether {@link #check} has found it to be a dump, or to hold one. */
  boolean isDump() {
    return isDump;
  }

  /** What a statement is in a dump; null where it is no dump's, or a plain one of it. */
  private DumpScript.@Nullable Part part(SqlStatement statement) {
    if (dump == null && !statement.keyword().equals("PRAGMA")) {
      return null; // begins with one
    }
    SqlStatement undecided = beginning;
    beginning = null;
    dump = dump == null ? new DumpScript() : dump;
    DumpScript.Part part = dump.next(statement);
    if (undecided != null && part != DumpScript.Part.BEGIN) {
      StatementPolicy.requireAllowedInTransaction(undecided);
    }
    if (dump.isBeginning()) {
      beginning = statement;
    }
    isDump |= dump.isOpen();
    return part == DumpScript.Part.PLAIN ? null : part;
  }

  private void requireAllowed(SqlStatement statement) {
    if (dump != null && dump.isOpen() && statement.keyword().equals("ROLLBACK")) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "the dump ends with a ROLLBACK: the program that wrote it met an error",
          "nothing was changed; make the dump again from a sound database");
    }
    StatementPolicy.requireAllowedInTransaction(statement);
  }

  private void requireWholeDump() {
    if (beginning != null) {
      StatementPolicy.requireAllowedInTransaction(beginning);
    }
    if (dump != null && dump.isOpen()) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "the dump has no COMMIT at its end: it was cut off",
          "nothing was changed; make the dump again");
    }
    dump = null;
  }

  /** Runs a statement of a dump, or what it is for; false where it has to be run as it is. */
  private boolean load(SqlStatement statement, Handle handle) {
    DumpScript.Part part = isDump ? part(statement) : null;
    if (part == null) {
      return false;
    }
    switch (part) {
      case VIRTUAL_TABLE -> handle.addVirtualTable(statement);
      case SEQUENCE_TABLE -> handle.addSequenceTable();
      case SEQUENCE_RESET -> {
        handle.addSequenceTable();
        return false;
      }
      default -> {} // the transaction is ours, and foreign keys are off already
    }
    statements++;
    return true;
  }

  /** Runs every statement once. */
  void run(Handle handle, RowSink sink) {
    restart();
    source.forEach(
        statement -> {
          if (load(statement, handle)) {
            return;
          }
          try (PreparedSql prepared = handle.prepare(statement)) {
            note(prepared);
            add(prepared.run(parameters, sink));
          }
        });
    requireAllUsed();
  }

  /** Runs the one statement for each input row, whose columns come on top of the parameters. */
  void runForEachRow(Handle handle, RowReader input, RowSink sink) {
    restart();
    List<SqlStatement> only = new ArrayList<>(1);
    source.forEach(only::add);
    if (only.size() != 1) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "--rows runs one statement for each row, but " + only.size() + " were given",
          "run the others by a command of their own");
    }
    try (PreparedSql prepared = handle.prepare(only.get(0))) {
      note(prepared);
      Map<String, @Nullable Object> values = new LinkedHashMap<>(parameters);
      for (Map<String, @Nullable Object> row = input.next(); row != null; row = input.next()) {
        values.keySet().retainAll(parameters.keySet());
        values.putAll(row);
        addAliases(values, row);
        runRow(prepared, values, input, sink);
      }
    }
    requireAllUsed();
  }

  /** SQL has no parameter with a blank in its name: :unit_price is the column "unit price". */
  private static void addAliases(
      Map<String, @Nullable Object> values, Map<String, @Nullable Object> row) {
    Set<String> ambiguous = new HashSet<>();
    Map<String, @Nullable Object> aliases = new LinkedHashMap<>();
    row.forEach(
        (name, value) -> {
          String alias = alias(name);
          if (!alias.equals(name) && !values.containsKey(alias)) {
            if (aliases.containsKey(alias)) {
              ambiguous.add(alias);
            }
            aliases.put(alias, value);
          }
        });
    aliases.keySet().removeAll(ambiguous);
    values.putAll(aliases);
  }

  private static String alias(String name) {
    StringBuilder alias = new StringBuilder(name);
    for (int i = 0; i < alias.length(); i++) {
      char c = alias.charAt(i);
      if (c < 0x80 && c != '_' && !Character.isLetterOrDigit(c)) {
        alias.setCharAt(i, '_');
      }
    }
    return alias.toString();
  }

  private void runRow(
      PreparedSql prepared, Map<String, @Nullable Object> values, RowReader input, RowSink sink) {
    try {
      add(prepared.run(values, sink));
    } catch (SqliteSafeException e) {
      SqliteSafeException located =
          new SqliteSafeException(
              e.kind(), "input line " + input.lineNumber() + ": " + e.getMessage(), e.hint(), e);
      throw located.with("line", input.lineNumber());
    }
  }

  private void restart() {
    dump = null;
    used.clear();
    statements = 0;
    changes = 0;
    rows = 0;
  }

  private void note(PreparedSql prepared) {
    for (String name : prepared.parameterNames()) {
      if (name != null) {
        used.add(name);
      }
    }
  }

  private void add(PreparedSql.Outcome outcome) {
    statements++;
    changes += outcome.changes();
    rows += outcome.rows();
  }

  /** A mistyped name must not leave the real parameter to some default. */
  private void requireAllUsed() {
    for (String name : parameters.keySet()) {
      if (!used.contains(name)) {
        throw new SqliteSafeException(
            ErrorKind.USAGE,
            "no statement has a parameter :" + name,
            "check the name given by --param; nothing was changed");
      }
    }
  }

  /** After a dump, which is loaded as it is: looks for rows without the row they refer to. */
  void countOrphans(Handle handle) {
    try {
      orphans = isDump ? handle.integer("SELECT count(*) FROM pragma_foreign_key_check") : 0;
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.FAILED) {
        throw e;
      }
      orphans = 0;
      uncounted = e.getMessage(); // a key may refer to what is no key: SQLite lets one declare it
    }
  }

  /** What there is to say about them. */
  Optional<String> orphans() {
    if (uncounted != null) {
      return Optional.of("foreign keys of the dump cannot be checked: " + uncounted);
    }
    return orphans == 0
        ? Optional.empty()
        : Optional.of(
            orphans
                + (orphans == 1 ? " row of the dump refers" : " rows of the dump refer")
                + " to a row that is not there; it was loaded as it is"
                + " (PRAGMA foreign_key_check lists them)");
  }

  long statements() {
    return statements;
  }

  long changes() {
    return changes;
  }

  long rows() {
    return rows;
  }
}
