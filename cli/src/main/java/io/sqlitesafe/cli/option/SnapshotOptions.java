package io.sqlitesafe.cli.option;

import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.file.Scratch;
import io.sqlitesafe.snapshot.BackupMethod;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.ForeignKeyMode;
import io.sqlitesafe.snapshot.Identity;
import io.sqlitesafe.snapshot.Retention;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The options of the commands that make a copy. */
public final class SnapshotOptions {
  /** What {@code --metrics} does. */
  public static final String METRICS =
      "Write the outcome to FILE for the textfile collector of Prometheus' node_exporter. One"
          + " file can hold several databases.";

  /** How a place for a copy is called. */
  static final String DESTINATION = "DEST";

  private static final String ID_VARIABLE = "SQLITE_SAFE_ID";

  private SnapshotOptions() {}

  /** Adds DB, DEST and what every copy may choose. */
  public static CommandSpec addCopying(CommandSpec spec, String destination, boolean manifest) {
    spec.addOption(
        CommonOptions.value(
            "DURATION",
            "How long a writer may have to wait at most. A copy that needs longer fails and"
                + " leaves an earlier one as it was. Default: as long as the copy takes.",
            "--max-stall"));
    spec.addOption(
        verify("quick", "How thorough the check of the copy is before it is put in place."));
    spec.addOption(foreignKeys());
    spec.addOption(
        CommonOptions.flag(
            "Replace any regular file at DEST. Without this, only an unchanged earlier backup"
                + " of the same database is replaced, which its manifest shows.",
            "--overwrite"));
    spec.addOption(
        CommonOptions.flag("Make the directory of DEST if it is missing.", "--make-directory"));
    spec.addOption(
        CommonOptions.value(
            "NAME",
            "A name by which the backups of this database are known, instead of machine and path."
                + " Use it where those do not last, as in containers. No two databases may have the"
                + " same name. To give it to earlier backups, add a member \"id\" to their"
                + " manifests: sed -i 's/^{/{\"id\":\"NAME\",/' BACKUP.json. Default: the"
                + " environment variable "
                + ID_VARIABLE
                + ".",
            "--id"));
    spec.addOption(
        CommonOptions.flag("Only report what would be made, replaced and deleted.", "--dry-run"));
    spec.addOption(
        CommonOptions.flag(
            "Write DEST.json, with checksum, size and origin"
                + (manifest ? "; this is the default." : "."),
            "--manifest"));
    spec.addOption(CommonOptions.flag("Write no DEST.json.", "--no-manifest"));
    spec.addOption(
        CommonOptions.choice(
            "HOW", "How to compress the copy.", Compression.ids(), "none", "--compress"));
    spec.addPositional(CommonOptions.database());
    return spec.addPositional(
        PositionalParamSpec.builder()
            .index("1")
            .arity("1")
            .required(true)
            .type(String.class)
            .paramLabel(DESTINATION)
            .description(destination)
            .build());
  }

  /** {@code --verify}. */
  public static picocli.CommandLine.Model.OptionSpec verify(String otherwise, String description) {
    return CommonOptions.choice("LEVEL", description, CheckLevel.ids(), otherwise, "--verify");
  }

  /** {@code --foreign-keys}. */
  public static picocli.CommandLine.Model.OptionSpec foreignKeys() {
    return CommonOptions.choice(
        "MODE",
        "What a check makes of rows that refer to missing rows: check = a problem; note = a"
            + " note; off = nothing (some programs, such as Fossil, do not enforce their foreign"
            + " keys). A backup's manifest keeps this for later checks.",
        ForeignKeyMode.ids(),
        ForeignKeyMode.CHECK.id(),
        "--foreign-keys");
  }

  /** What was asked for, or null. */
  public static @Nullable ForeignKeyMode foreignKeys(ParseResult arguments) {
    return arguments.hasMatchedOption("--foreign-keys")
        ? ForeignKeyMode.of(
            CommonOptions.chosen(
                arguments, "--foreign-keys", ForeignKeyMode.ids(), ForeignKeyMode.CHECK.id()))
        : null;
  }

  /** Adds what only backups may choose. */
  public static CommandSpec addKeeping(CommandSpec spec) {
    spec.addOption(
        CommonOptions.choice(
            "METHOD",
            "How to copy: auto = in short turns between the commits of others; online = by"
                + " SQLite's backup interface; copy = in one turn; vacuum = by VACUUM INTO.",
            BackupMethod.ids(),
            "auto",
            "--method"));
    spec.addOption(keep("Keep the last N backups of this database in the directory.", "last"));
    spec.addOption(keep("Keep the last backup of each of the last N days that have one.", "daily"));
    spec.addOption(
        keep("Keep the last backup of each of the last N weeks that have one.", "weekly"));
    spec.addOption(
        keep("Keep the last backup of each of the last N months that have one.", "monthly"));
    spec.addOption(CommonOptions.file(METRICS, "--metrics"));
    return spec.addOption(
        CommonOptions.flag(
            "Skip the backup if nothing has changed since the last one.", "--if-changed"));
  }

  private static picocli.CommandLine.Model.OptionSpec keep(String description, String rule) {
    return CommonOptions.value("N", description, "--keep-" + rule);
  }

  /**
   * What was asked for.
   *
   * @param manifest the default
   */
  public static BackupRequest request(ParseResult arguments, boolean manifest) {
    boolean with = arguments.matchedOptionValue("--manifest", false);
    boolean without = arguments.matchedOptionValue("--no-manifest", false);
    if (with && without) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--manifest and --no-manifest contradict each other", "use one");
    }
    String place = arguments.matchedPositionalValue(1, "");
    if (place.isEmpty()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, DESTINATION + ": " + CommonOptions.EMPTY, "name a file or a directory");
    }
    String method = CommonOptions.chosen(arguments, "--method", BackupMethod.ids(), "auto");
    Retention keep = retention(arguments);
    boolean ifChanged = arguments.matchedOptionValue("--if-changed", false);
    return BackupRequest.to("")
        .withPlace(
            new BackupRequest.Place(
                place,
                arguments.matchedOptionValue("--overwrite", false),
                arguments.matchedOptionValue("--make-directory", false)))
        .withId(
            id(arguments.matchedOptionValue("--id", (String) null), keep.isActive() || ifChanged))
        .withMethod(BackupMethod.valueOf(method.toUpperCase(Locale.ROOT)))
        .withMaxStall(maxStall(arguments))
        .withVerify(verify(arguments, "quick"))
        .withForeignKeys(foreignKeys(arguments))
        .withManifest(with || (manifest && !without))
        .withCompression(
            Compression.of(
                CommonOptions.chosen(arguments, "--compress", Compression.ids(), "none")))
        .withKeep(keep)
        .withIfChanged(ifChanged)
        .withDryRun(arguments.matchedOptionValue("--dry-run", false));
  }

  /**
   * The name of the database, or null where it has none. An empty variable, as in our container
   * image, says that whoever runs this has to choose a name before backups are told apart by it.
   */
  private static @Nullable String id(@Nullable String option, boolean needed) {
    String variable = System.getenv(ID_VARIABLE);
    if (option != null) {
      return id("--id", option);
    }
    if (variable == null || (variable.isEmpty() && !needed)) {
      return null;
    }
    return id("the environment variable " + ID_VARIABLE, variable);
  }

  /** The name that the environment gives to the database; null where it gives none. */
  public static @Nullable String idOfEnvironment() {
    return id(null, false);
  }

  private static String id(String where, String value) {
    // What Java has not understood would make two names one.
    boolean printable =
        value.chars().noneMatch(c -> Character.isISOControl(c) || c == CommonOptions.REPLACEMENT);
    if (value.isBlank() || value.length() > Identity.MAX_ID || !printable) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          where
              + (value.isBlank() ? " is empty" : " is no name of at most " + Identity.MAX_ID)
              + (value.isBlank() ? "" : " printable characters"),
          "give each database a name of its own that stays the same, for example: --id"
              + " shop/app.db");
    }
    return value;
  }

  public static CheckLevel verify(ParseResult arguments, String otherwise) {
    return CheckLevel.of(CommonOptions.chosen(arguments, "--verify", CheckLevel.ids(), otherwise));
  }

  private static @Nullable Duration maxStall(ParseResult arguments) {
    String text = arguments.matchedOptionValue("--max-stall", "forever");
    return Durations.parseOrForever("--max-stall", text);
  }

  private static Retention retention(ParseResult arguments) {
    return new Retention(
        Numbers.count(arguments, "--keep-last", 0),
        Numbers.count(arguments, "--keep-daily", 0),
        Numbers.count(arguments, "--keep-weekly", 0),
        Numbers.count(arguments, "--keep-monthly", 0));
  }

  /** Where files go that are in nobody's way: {@code TMPDIR}, else Java's idea of it. */
  public static Path scratch() {
    return Scratch.usualPlace();
  }
}
