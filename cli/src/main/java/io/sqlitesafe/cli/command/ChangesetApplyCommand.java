package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.WriteOptions;
import io.sqlitesafe.Written;
import io.sqlitesafe.changeset.ApplyOptions;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.ChangesetWriter;
import io.sqlitesafe.changeset.ConflictHandler;
import io.sqlitesafe.changeset.ConflictPolicy;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.ApplyCommandOptions;
import io.sqlitesafe.cli.option.CaptureOptions;
import io.sqlitesafe.cli.option.ChangesetFiles;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.output.results.ApplyPrinter;
import io.sqlitesafe.cli.output.rows.SpooledOutput;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.changeset.ApplyJob;
import io.sqlitesafe.internal.fs.AtomicFile;
import io.sqlitesafe.internal.fs.OutputRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code changeset apply DB FILE...}. */
public final class ChangesetApplyCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "apply",
            "Apply changesets to a database, or undo them",
            "Applies all FILEs under the exclusive lock in one transaction. Exit status 0 means"
                + " that all of it is on disk; with any other failure than 16, nothing was changed."
                + " Conflicts are those of SQLite's session extension, but tables that are missing"
                + " or have another key are an error (13), and so is a changeset of which nothing"
                + " could be applied. The exit status is 3 if full-text indexes (FTS5 with external"
                + " content) no longer agree with their tables afterwards.");
    LockOptions.addOwning(spec);
    LockOptions.addLoading(spec);
    LockOptions.addInPlace(spec);
    ApplyCommandOptions.add(spec);
    CaptureOptions.add(spec);
    spec.addPositional(CommonOptions.database());
    ChangesetFiles.addFiles(spec, 1);
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe changeset apply replica.db mon.changeset tue.changeset",
            "  $ sqlite-safe changeset apply app.db today.changeset --invert --dry-run",
            "  $ sqlite-safe changeset apply app.db their.changeset --on"
                + " data=replace,notfound=omit");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 13 14 15 16";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    boolean dryRun = arguments.matchedOptionValue("--dry-run", false);
    boolean json = CommonOptions.of(arguments).json();
    ConflictPolicy policy = ApplyCommandOptions.policy(arguments);
    Path database = LockOptions.database(arguments);
    Path rebase = rebaseFile(arguments, database);
    try (SpooledOutput list = new SpooledOutput();
        RebaseFile rebaseFile = new RebaseFile(dryRun ? null : rebase, database)) {
      ConflictListing listing = dryRun ? new ConflictListing(policy, json, list) : null;
      ConflictHandler handler = listing == null ? policy : listing;
      ApplyJob job = job(arguments, invocation, handler, rebaseFile);
      Written<ApplyJob.Result> written =
          SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "changeset apply"))
              .write(
                  new WriteOptions(dryRun, 0, null)
                      .withCapture(CaptureOptions.of(arguments))
                      .withForeignKeys(ApplyCommandOptions.foreignKeyActions(arguments)),
                  session -> {
                    ApplyJob.Result result = job.run(session);
                    rebaseFile.flush();
                    return result;
                  });
      List<String> warnings = new ArrayList<>(written.warnings());
      rebaseFile.publish(warnings);
      ApplyPrinter.print(arguments, invocation, database, written, warnings, list);
      if (listing != null && listing.aborts() > 0) {
        throw new SqliteSafeException(
            ErrorKind.PRECONDITION,
            "dry run: conflicts that would undo everything: " + listing.aborts(),
            "--on-conflict and --on decide about them");
      }
      return warnings.isEmpty()
              && written.value().drifted().isEmpty()
              && written.value().stale().isEmpty()
          ? 0
          : ErrorKind.WARNINGS.exitCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Refuses outputs that must not be written to; null without {@code --rebase-out}. */
  private static @Nullable Path rebaseFile(ParseResult arguments, Path database) {
    List<Path> files = arguments.matchedPositionalValue(1, List.<Path>of());
    OutputRule rule =
        new OutputRule().database(database, "the database").files(files, "a file that is read");
    Path changeset = CaptureOptions.check(CaptureOptions.of(arguments), rule);
    Path rebase = arguments.matchedOptionValue("--rebase-out", (Path) null);
    if (rebase == null) {
      return null;
    }
    if (changeset != null) {
      rule.file(changeset, "the changeset that is written");
    }
    return rule.replaceable(rebase, "--rebase-out");
  }

  private static ApplyJob job(
      ParseResult arguments, Invocation invocation, ConflictHandler handler, RebaseFile rebase) {
    boolean invert = arguments.matchedOptionValue("--invert", false);
    List<Path> paths = new ArrayList<>(arguments.matchedPositionalValue(1, List.<Path>of()));
    if (invert) {
      Collections.reverse(paths); // the last change is the first to be undone
    }
    List<Supplier<ChangesetReader>> files = new ArrayList<>();
    paths.forEach(path -> files.add(() -> ChangesetFiles.open(path, invocation)));
    ApplyOptions options =
        ApplyOptions.of(handler)
            .withInvert(invert)
            .withIgnoreNoop(arguments.matchedOptionValue("--ignore-noop", false))
            .withForeignKeyActions(ApplyCommandOptions.foreignKeyActions(arguments))
            .withTriggers(ApplyCommandOptions.triggers(arguments))
            .withRowids(CaptureOptions.rowids(arguments))
            .withRebase(rebase.writer());
    return new ApplyJob(
        options,
        files,
        arguments.matchedOptionValue("--dry-run", false),
        arguments.matchedOptionValue("--allow-nothing", false),
        arguments.matchedOptionValue("--rebuild", false));
  }

  /** The file of {@code --rebase-out}, on the device before the commit and named after it. */
  private static final class RebaseFile implements AutoCloseable {
    private final @Nullable AtomicFile file;
    private final @Nullable ChangesetWriter writer;

    RebaseFile(@Nullable Path path, Path database) throws IOException {
      file = path == null ? null : new AtomicFile(path, List.of(database), new Cancellation());
      writer =
          file == null || path == null
              ? null
              : new ChangesetWriter(file.stream(), path.toString(), Format.CHANGESET);
    }

    @Nullable ChangesetWriter writer() {
      return writer;
    }

    void flush() {
      if (writer != null && file != null) {
        writer.flush();
        try {
          file.sync();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }

    /** The changes are committed: what goes wrong now is a warning. */
    void publish(List<String> warnings) {
      if (file != null) {
        try {
          file.replaceTarget();
        } catch (IOException e) {
          warnings.add("applied, but cannot write the rebase file: " + e.getMessage());
        }
      }
    }

    @Override
    public void close() throws IOException {
      if (file != null) {
        file.close();
      }
    }
  }
}
