package io.sqlitesafe.cli.option;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.Retention;
import io.sqlitesafe.snapshot.copy.BackupMethod;
import io.sqlitesafe.snapshot.manifest.CheckLevel;
import io.sqlitesafe.snapshot.manifest.Compression;
import io.sqlitesafe.snapshot.manifest.ForeignKeyMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The options of the commands that make a copy. */
public final class SnapshotOptions {
  private SnapshotOptions() {}

  /** Adds DB, DEST and what every copy may choose. */
  public static CommandSpec addCopying(CommandSpec spec, String destination, boolean manifest) {
    spec.addOption(
        CommonOptions.value(
            "DURATION",
            "For how long a writer may have to wait at most; a copy that needs more fails and"
                + " leaves an earlier one as it was. Default: as long as the copy takes.",
            "--max-stall"));
    spec.addOption(verify("quick", "How thoroughly to check the copy before it is put in place."));
    spec.addOption(foreignKeys());
    spec.addOption(
        CommonOptions.flag(
            "Write DEST.json, with checksum, size and origin"
                + (manifest ? "; this is the default." : "."),
            "--manifest"));
    spec.addOption(CommonOptions.flag("Write no DEST.json.", "--no-manifest"));
    spec.addOption(
        CommonOptions.choice("HOW", "Compress the copy.", Compression.ids(), "none", "--compress"));
    spec.addPositional(CommonOptions.database());
    return spec.addPositional(
        PositionalParamSpec.builder()
            .index("1")
            .arity("1")
            .required(true)
            .type(String.class)
            .paramLabel("DEST")
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
        "What to make of rows that refer to rows which are not there: problems, a note, or nothing"
            + " (some programs, such as Fossil, do not enforce their foreign keys). A backup's"
            + " manifest keeps it for later checks.",
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
            "How to copy: in short turns between the commits of others, by SQLite's backup"
                + " interface, in one turn, or by VACUUM INTO.",
            BackupMethod.ids(),
            "auto",
            "--method"));
    spec.addOption(keep("Keep the last N backups of this database in the directory.", "last"));
    spec.addOption(keep("Keep the last backup of each of the last N days that have one.", "daily"));
    spec.addOption(keep("Keep the last one of each of N weeks.", "weekly"));
    spec.addOption(keep("Keep the last one of each of N months.", "monthly"));
    spec.addOption(
        CommonOptions.file(
            "Write the outcome to FILE, for the textfile collector of Prometheus' node_exporter.",
            "--metrics"));
    return spec.addOption(
        CommonOptions.flag(
            "Make no backup where nothing has changed since the last one.", "--if-changed"));
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
    String method = CommonOptions.chosen(arguments, "--method", BackupMethod.ids(), "auto");
    return BackupRequest.to(destination(arguments))
        .withMethod(BackupMethod.valueOf(method.toUpperCase(Locale.ROOT)))
        .withMaxStall(maxStall(arguments))
        .withVerify(verify(arguments, "quick"))
        .withForeignKeys(foreignKeys(arguments))
        .withManifest(with || (manifest && !without))
        .withCompression(
            Compression.of(
                CommonOptions.chosen(arguments, "--compress", Compression.ids(), "none")))
        .withKeep(retention(arguments))
        .withIfChanged(arguments.matchedOptionValue("--if-changed", false));
  }

  public static String destination(ParseResult arguments) {
    return arguments.matchedPositionalValue(1, "");
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
    String named = System.getenv("TMPDIR");
    return Path.of(
        named == null || named.isEmpty() ? System.getProperty("java.io.tmpdir", "/tmp") : named);
  }
}
