package io.sqlitesafe.cli.option;

import io.sqlitesafe.changeset.ChangeCounts;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.ChangesetWriter;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.AtomicFile;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.fs.OutputRule;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The changesets that a command reads and writes; {@code -} is standard input or output. */
public final class ChangesetFiles {
  private static final String STANDARD = "-";

  private ChangesetFiles() {}

  /** Adds the parameter for one file. */
  public static CommandSpec addFile(CommandSpec spec) {
    return spec.addPositional(
        PositionalParamSpec.builder()
            .index("0")
            .arity("1")
            .required(true)
            .type(Path.class)
            .converters(CommonOptions::file)
            .paramLabel("FILE")
            .description("The changeset or patchset; - for standard input.")
            .build());
  }

  /** Adds the parameter for one file or more, from place {@code first} on. */
  public static CommandSpec addFiles(CommandSpec spec, int first) {
    return spec.addPositional(
        PositionalParamSpec.builder()
            .index(first + "..*")
            .arity("1..*")
            .required(true)
            .type(List.class)
            .auxiliaryTypes(Path.class)
            .converters(CommonOptions::file)
            .paramLabel("FILE")
            .description("Changesets or patchsets, in order; - for standard input.")
            .build());
  }

  /** Adds {@code --output}. */
  public static CommandSpec addOutput(CommandSpec spec) {
    return spec.addOption(
        OptionSpec.builder("-o", "--output")
            .type(Path.class)
            .converters(CommonOptions::file)
            .required(true)
            .paramLabel("FILE")
            .description(
                "Where to write the result, which replaces an existing file once it is"
                    + " complete; - for standard output.")
            .build());
  }

  /** Opens a file, or standard input. */
  public static ChangesetReader open(Path file, Invocation invocation) {
    ChangesetReader reader =
        file.toString().equals(STANDARD)
            ? ChangesetReader.of(kept(invocation), "standard input")
            : ChangesetReader.open(file);
    return reader.stoppedBy(invocation.cancellation());
  }

  /** Standard input is not ours to close. */
  private static FilterInputStream kept(Invocation invocation) {
    return new FilterInputStream(invocation.console().in()) {
      @Override
      public void close() {}
    };
  }

  /** True where the result goes to standard output, so that nothing else may. */
  public static boolean toStandardOutput(ParseResult arguments) {
    return output(arguments).toString().equals(STANDARD);
  }

  public static Path output(ParseResult arguments) {
    return arguments.matchedOptionValue("--output", Path.of(STANDARD));
  }

  /**
   * Where a result goes.
   *
   * @param file of a changeset; {@code -} is standard output
   * @param inputs whose changes are in it
   */
  public record Target(Path file, List<Path> inputs) {
    /** Refuses what must not be written to, before anything is read. */
    public static Target of(ParseResult arguments, List<Path> inputs) {
      return of(arguments, inputs, new OutputRule());
    }

    /**
     * As above.
     *
     * @param rule what else it must not be
     */
    public static Target of(ParseResult arguments, List<Path> inputs, OutputRule rule) {
      Path file = output(arguments);
      rule.files(inputs, "a file that is read");
      return new Target(
          toStandardOutput(arguments) ? file : rule.writable(file, "--output"), inputs);
    }

    public AtomicFile open(Invocation invocation) throws IOException {
      return new AtomicFile(file, inputs, invocation.cancellation());
    }
  }

  /** Writes what {@code work} gives to where {@code --output} says; all of it, or nothing. */
  public static ChangeCounts write(
      Target target, Invocation invocation, Format format, Consumer<ChangesetWriter> work) {
    Path file = target.file();
    if (file.toString().equals(STANDARD)) {
      ChangesetWriter writer =
          new ChangesetWriter(invocation.console().product(), "standard output", format);
      work.accept(writer);
      writer.flush();
      return writer.counts();
    }
    try (AtomicFile published = target.open(invocation)) {
      ChangesetWriter writer = new ChangesetWriter(published.stream(), file.toString(), format);
      work.accept(writer);
      writer.flush();
      published.replaceTarget();
      return writer.counts();
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "cannot write " + file + ": " + IoErrors.reason(e),
          "check the permissions and the free space",
          e);
    }
  }
}
