package io.sqlitesafe.cli;

import io.sqlitesafe.Capabilities;
import io.sqlitesafe.cli.command.AccessCommand;
import io.sqlitesafe.cli.command.BackupCommand;
import io.sqlitesafe.cli.command.BatchCommand;
import io.sqlitesafe.cli.command.BreakStaleCommand;
import io.sqlitesafe.cli.command.CapabilitiesCommand;
import io.sqlitesafe.cli.command.ChangesetCommands;
import io.sqlitesafe.cli.command.CheckpointCommand;
import io.sqlitesafe.cli.command.CopyCommand;
import io.sqlitesafe.cli.command.DoctorCommand;
import io.sqlitesafe.cli.command.GenerateCompletionCommand;
import io.sqlitesafe.cli.command.InspectLockCommand;
import io.sqlitesafe.cli.command.IntegrityCheckCommand;
import io.sqlitesafe.cli.command.JournalModeCommand;
import io.sqlitesafe.cli.command.ProbeCommand;
import io.sqlitesafe.cli.command.ReadCommand;
import io.sqlitesafe.cli.command.RecoverCommand;
import io.sqlitesafe.cli.command.RestoreCommand;
import io.sqlitesafe.cli.command.ShellCommand;
import io.sqlitesafe.cli.command.WithLockCommand;
import io.sqlitesafe.cli.command.WriteCommand;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.output.notes.ErrorPrinter;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The command line: finds the command, runs it, and maps every error to its message and exit
 * status.
 */
public final class Cli {
  private static final String NAME = "sqlite-safe";
  private static final String HELP = "help";

  private final Console console;
  private final Cancellation cancellation;
  private final Invocation.@Nullable Doors doors;
  private final Map<List<String>, Ready> ready;

  public Cli(Console console, Cancellation cancellation) {
    this(console, cancellation, null, new HashMap<>());
  }

  private Cli(
      Console console,
      Cancellation cancellation,
      Invocation.@Nullable Doors doors,
      Map<List<String>, Ready> ready) {
    this.console = console;
    this.cancellation = cancellation;
    this.doors = doors;
    this.ready = ready;
  }

  /**
   * A command with its parser: requests of a batch share them.
   *
   * @param name in one word or two
   * @param toFiles standard output or error is a file, which neither becomes later
   */
  private record Ready(List<String> name, Command command, CommandLine line, boolean toFiles) {}

  /** Every subcommand. A new one is one line here; a method reference would be a class more. */
  private static Map<String, Command> commands() {
    Map<String, Command> commands = new LinkedHashMap<>();
    commands.put("backup", new BackupCommand());
    commands.put("restore", new RestoreCommand());
    commands.put("vacuum-into", CopyCommand.compact());
    commands.put("copy", CopyCommand.asItIs());
    commands.put("write", new WriteCommand());
    commands.put("read", new ReadCommand());
    commands.put("shell", new ShellCommand());
    commands.put("batch", batch());
    commands.put("journal-mode", new JournalModeCommand());
    commands.put("checkpoint", new CheckpointCommand());
    commands.put("with-lock", new WithLockCommand());
    commands.put("inspect-lock", new InspectLockCommand());
    commands.put("break-stale", new BreakStaleCommand());
    commands.put("access", new AccessCommand());
    commands.put("probe", new ProbeCommand());
    commands.put("changeset", new ChangesetCommands());
    commands.put("integrity-check", new IntegrityCheckCommand());
    commands.put("recover", new RecoverCommand());
    commands.put("doctor", new DoctorCommand());
    commands.put("capabilities", new CapabilitiesCommand());
    commands.put("generate-completion", new GenerateCompletionCommand(Cli::commandSpec));
    return commands;
  }

  private static Command batch() {
    Map<List<String>, Ready> shared = new HashMap<>();
    return new BatchCommand(
        (console, cancellation, doors, words) ->
            new Cli(console, cancellation, doors, shared).prepare(words));
  }

  /** The whole model: for help, man pages and completions. */
  public static CommandSpec commandSpec() {
    CommandSpec root = rootSpec();
    addAll(root, commands());
    root.addSubcommand(HELP, helpSpec(root));
    return root;
  }

  private static void addAll(CommandSpec parent, Map<String, Command> commands) {
    commands.forEach(
        (name, command) -> {
          CommandSpec spec = command.spec();
          spec.usageMessage().exitCodeList(CommonOptions.exitCodes(command.exitStatuses()));
          addAll(spec, command.subcommands());
          parent.addSubcommand(name, spec);
        });
  }

  private static CommandSpec rootSpec() {
    CommandSpec root = CommandSpec.create().name(NAME);
    root.usageMessage()
        .header("Safe maintenance of ordinary SQLite files")
        .description(
            "Makes verified backups of SQLite databases while they are in use, and checks, restores"
                + " and repairs them. Lets scripts, cron jobs and programs on one or several hosts"
                + " take turns writing to one SQLite file, and shows who holds the lock. The data"
                + " stays an ordinary SQLite file.")
        .footer(
            "Examples:",
            "  $ sqlite-safe write --create app.db 'CREATE TABLE log(line TEXT)'",
            "  $ sqlite-safe write app.db 'INSERT INTO log VALUES(:line)' --param line=hello",
            "  $ sqlite-safe read app.db 'SELECT * FROM log'",
            "  $ sqlite-safe backup app.db app.backup",
            "  $ sqlite-safe restore --drill app.backup",
            "  $ sqlite-safe inspect-lock app.db")
        .exitCodeList(CommonOptions.allExitCodes());
    root.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this help.").build());
    root.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Show the versions of this program, of SQLite and of the runtime.")
            .build());
    return root;
  }

  private static CommandSpec helpSpec(CommandSpec root) {
    CommandSpec help = CommandSpec.create().name(HELP);
    help.usageMessage()
        .header("Show help for a command")
        .description("Shows what a command does.")
        .footer("Examples:", "  $ sqlite-safe help backup", "  $ sqlite-safe help changeset apply")
        .exitCodeList(CommonOptions.exitCodes(""));
    help.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("COMMAND")
            .index("0..*")
            .arity("0..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .completionCandidates(root.subcommands().keySet())
            .description("The command to explain, in one word or two.")
            .build());
    return help;
  }

  /** Runs one command line to its end. Never throws, never exits. */
  public int run(String... args) {
    return prepare(args).run();
  }

  /** Reads one command line. Never throws: what is wrong with it is the outcome of what is left. */
  private Command.Step prepare(String... given) {
    long started = System.nanoTime();
    String[] args =
        given.length > 1 && given[0].startsWith("-") ? LeadingOptions.behindCommand(given) : given;
    ErrorPrinter errors = new ErrorPrinter(console, args);
    List<Command.Step> steps = new ArrayList<>(1);
    int status =
        orError(
            errors,
            () -> {
              if (doors == null) { // a batch reads its requests as UTF-8 and nothing else
                RawArguments.requireText(args);
              }
              steps.add(dispatch(args, started, errors));
              return 0;
            });
    return steps.isEmpty() ? () -> status : () -> orError(errors, steps.get(0));
  }

  private int orError(ErrorPrinter errors, Command.Step step) {
    try {
      return step.run();
    } catch (ParameterException e) {
      return errors.usage(e);
    } catch (RuntimeException | Error e) {
      return errors.failed(e, cancellation);
    } finally {
      console.endProgress();
    }
  }

  private Command.Step dispatch(String[] args, long started, ErrorPrinter errors) {
    Ready named = named(args);
    if (named == null) {
      return () -> withoutCommand(args);
    }
    ParseResult arguments =
        named.line().parseArgs(Arrays.copyOfRange(args, named.name().size(), args.length));
    if (arguments.isUsageHelpRequested()) {
      return () -> usage(commandSpec(), named.name());
    }
    for (PositionalParamSpec positional : arguments.matchedPositionals()) {
      if (CommonOptions.DATABASE.equals(positional.paramLabel())) {
        errors.about(positional.getValue());
      }
    }
    if (named.toFiles()) { // mostly pipes or terminals
      OwnStreams.requireHarmless(arguments, console);
    }
    return named
        .command()
        .prepare(arguments, new Invocation(console, cancellation, doors, started));
  }

  /** The command that the first one or two words name, or null. */
  private @Nullable Ready named(String[] args) {
    Ready known = args.length == 0 ? null : ready.get(List.of(args[0]));
    if (known == null && args.length > 1) {
      known = ready.get(List.of(args[0], args[1]));
    }
    if (known != null || args.length == 0) {
      return known;
    }
    Command command = commands().get(args[0]);
    if (command == null) {
      return null;
    }
    List<String> name = List.of(args[0]);
    if (!command.subcommands().isEmpty()) {
      command = args.length == 1 ? null : command.subcommands().get(args[1]);
      if (command == null) {
        return null;
      }
      name = List.of(args[0], args[1]);
    }
    return ready(name, command);
  }

  /**
   * Only the named command's model is built, and no root above it: start-up time is most of what a
   * small write costs.
   */
  private Ready ready(List<String> name, Command command) {
    String words = NAME + " " + String.join(" ", name);
    boolean toFiles = isFile("/proc/self/fd/1") || isFile("/proc/self/fd/2");
    Ready made = new Ready(name, command, commandLine(command.spec().name(words)), toFiles);
    ready.put(name, made);
    return made;
  }

  private static boolean isFile(String descriptor) {
    return Files.isRegularFile(Path.of(descriptor));
  }

  private int withoutCommand(String[] args) {
    CommandSpec root = commandSpec();
    requireKnown(args, root.subcommands());
    ParseResult parsed = commandLine(root).parseArgs(args);
    if (parsed.isVersionHelpRequested()) {
      Capabilities versions = io.sqlitesafe.SafeDatabase.capabilities();
      console.print(
          NAME
              + " "
              + versions.version()
              + "\nSQLite "
              + versions.sqliteVersion()
              + "\n"
              + versions.runtime()
              + "\n");
      return 0;
    }
    if (parsed.isUsageHelpRequested()) {
      return usage(root, List.of());
    }
    ParseResult command = parsed.subcommand();
    if (command == null) {
      throw noCommand("");
    }
    if (command.commandSpec().name().equals(HELP)) {
      return usage(root, command.matchedPositionalValue(0, List.of()));
    }
    if (command.isUsageHelpRequested()) {
      return usage(root, List.of(command.commandSpec().name()));
    }
    throw noCommand(command.commandSpec().name() + " ");
  }

  /** picocli would call a mistyped command an unmatched argument, and suggest any other. */
  private static void requireKnown(String[] args, Map<String, CommandLine> commands) {
    if (args.length == 0 || args[0].startsWith("-")) {
      return;
    }
    CommandLine first = commands.get(args[0]);
    if (first == null) {
      throw UnknownCommand.of(args[0], "", commands.keySet());
    }
    Map<String, CommandLine> below = first.getSubcommands();
    if (args.length > 1
        && !args[1].startsWith("-")
        && !below.isEmpty()
        && !below.containsKey(args[1])) {
      throw UnknownCommand.of(args[1], args[0], below.keySet());
    }
  }

  /** Whether one word names a command, rather than the first of two. */
  static boolean isCommand(String word) {
    Command command = commands().get(word);
    return command == null || command.subcommands().isEmpty();
  }

  private static SqliteSafeException noCommand(String before) {
    return new SqliteSafeException(
        ErrorKind.USAGE, "no command given", "see: " + NAME + " " + before + "--help");
  }

  private static CommandLine commandLine(CommandSpec root) {
    CommandLine line = new CommandLine(root);
    line.setInterpolateVariables(false); // a search for "${" in every name at every look
    line.setExpandAtFiles(false); // "@file" belongs to parameters of our own
    line.setUnmatchedOptionsArePositionalParams(false);
    return line;
  }

  private int usage(CommandSpec root, List<String> names) {
    CommandLine wanted = commandLine(root);
    for (String name : names) {
      CommandLine below = wanted.getSubcommands().get(name);
      if (below == null) {
        String above = String.join(" ", names.subList(0, names.indexOf(name)));
        throw UnknownCommand.of(name, above, wanted.getSubcommands().keySet());
      }
      wanted = below;
    }
    String name = String.join(" ", NAME, String.join(" ", names)).strip();
    int width = HelpText.width(System.getenv(), root);
    console.print(HelpText.of(wanted.getCommandSpec(), name, width));
    return 0;
  }
}
