package io.sqlitesafe.cli.docs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import picocli.CommandLine.Model.CommandSpec;

/** What the command model does not have: variables of the environment and files, for man pages. */
final class Surroundings {
  private static final Predicate<CommandSpec> LOCKS = spec -> has(spec, "--break");
  private static final Predicate<CommandSpec> NOWHERE = spec -> false;

  /** Shown in the program's own page, and in those of commands for which the predicate holds. */
  private record Entry(String name, String meaning, Predicate<CommandSpec> commands) {}

  private static final List<Entry> ENVIRONMENT = new ArrayList<>();
  private static final List<Entry> FILES = new ArrayList<>();

  static {
    variable(
        "SQLITE_SAFE_TOKEN",
        "Set by with-lock for its command: commands of sqlite-safe that inherit it take part in the"
            + " lock instead of waiting for it.",
        LOCKS.or(named("read")));
    variable(
        "SQLITE_SAFE_ID",
        "A name by which the backups of a database are known instead of machine and path; as --id.",
        spec -> has(spec, "--id"));
    variable(
        "TMPDIR",
        "Directory for temporary files; /tmp if not set. A restore drill and a check of a"
            + " compressed backup need room for the database there.",
        named(
            "restore",
            "integrity-check",
            "write",
            "read",
            "batch",
            "apply",
            "export",
            "concat",
            "rebase"));
    variable(
        "XDG_STATE_HOME",
        "Directory for the shell's history and for advice that was given already; ~/.local/state if"
            + " not set.",
        named("shell"));
    variable("PAGER", "Program through which long output is shown.", named("shell"));
    variable("NO_COLOR", "If not empty, no colour is used unless --color says so.", named("shell"));
    variable("COLUMNS", "Width of the text that --help prints.", named("help"));
    variable(
        "SQLITE_SAFE_JAVA",
        "The java program to use, even if the package has its own. Java 17 or later.",
        NOWHERE);
    variable("SQLITE_SAFE_JAVA_OPTS", "Further options for Java, such as -Xmx512m.", NOWHERE);
    variable(
        "JAVA_HOME, PATH",
        "Where a Java 17 or later is looked for if the package does not have its own.",
        NOWHERE);

    file(
        "DB.lock/",
        "The lock. sqlite-safe-lock(7) describes it; break-stale removes it safely.",
        LOCKS.or(named("inspect-lock", "break-stale")));
    file(
        "DB.lock.readers/",
        "Marks a database for network-exclusive access, and holds the shared locks of readers.",
        named("access", "read"));
    file(
        "DB-journal, DB-wal, DB-shm",
        "SQLite's own journal or write-ahead log. They belong to the database: never delete or move"
            + " one without the other.",
        named("checkpoint", "journal-mode", "inspect-lock", "recover"));
    file(
        "DB.changeset-pending",
        "A changeset of a writer that crashed between its commit and publishing the changeset. The"
            + " next writer publishes or discards it.",
        named("write", "apply"));
    file(
        "BACKUP.json",
        "The manifest of a backup: checksum, size, origin, checks.",
        spec -> has(spec, "--manifest") || named("restore", "integrity-check").test(spec));
    file(
        "DB.before-restore-TIME",
        "The database that a restore replaced. Delete it when it is no longer needed.",
        named("restore"));
    file("$XDG_STATE_HOME/sqlite-safe/history", "The history of the shell.", named("shell"));
    file(
        "$XDG_STATE_HOME/sqlite-safe/advice-given",
        "Which warnings about file systems this user has seen already.",
        NOWHERE);
    file(
        "/etc/sqlite-safe/NAME.conf",
        "Settings of the systemd timer sqlite-safe-backup@NAME.timer; see nightly-backup(1).",
        named("backup"));
  }

  private Surroundings() {}

  private static void variable(String name, String meaning, Predicate<CommandSpec> commands) {
    ENVIRONMENT.add(new Entry(name, meaning, commands));
  }

  private static void file(String name, String meaning, Predicate<CommandSpec> commands) {
    FILES.add(new Entry(name, meaning, commands));
  }

  static Map<String, String> environment(CommandSpec spec, boolean root) {
    return of(ENVIRONMENT, spec, root);
  }

  static Map<String, String> files(CommandSpec spec, boolean root) {
    return of(FILES, spec, root);
  }

  private static Map<String, String> of(List<Entry> entries, CommandSpec spec, boolean root) {
    Map<String, String> shown = new LinkedHashMap<>();
    entries.stream()
        .filter(entry -> root || entry.commands().test(spec))
        .forEach(entry -> shown.put(entry.name(), entry.meaning()));
    return shown;
  }

  private static Predicate<CommandSpec> named(String... names) {
    return spec -> List.of(names).contains(spec.name());
  }

  private static boolean has(CommandSpec spec, String option) {
    return spec.optionsMap().containsKey(option);
  }
}
