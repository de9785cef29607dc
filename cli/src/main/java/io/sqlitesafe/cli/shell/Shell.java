package io.sqlitesafe.cli.shell;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.SafeSession;
import io.sqlitesafe.Settings;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Nearest;
import io.sqlitesafe.cli.output.rows.ShellFormat;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.SqlSplitter;
import io.sqlitesafe.sql.SqlStatement;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with a database: takes SQL and dot-commands, runs them on a {@link SafeSession}
 * and writes results. For one thread, but for {@link #interrupt} and {@link #session}.
 */
public final class Shell implements AutoCloseable {
  private static final int DEEPEST = 25;

  private final Settings settings;
  private final boolean readOnly;
  private final Consumer<String> voice;
  private final Output output;
  private final Preferences preferences;
  private final Map<String, DotCommand> commands;

  private Path directory = Path.of("").toAbsolutePath();
  private Path database;
  private volatile SafeSession session;
  private volatile Cancellation command = new Cancellation();
  private @Nullable SqlStatement running;
  private @Nullable Integer exitCode;
  private int statements;
  private long totalChanges;
  private int depth;
  private int firstFailure;
  private CaptureLog captures;
  private Predicate<String> question = text -> true;
  private final AtomicDump dump = new AtomicDump();
  private boolean atomic;
  private boolean wholeUsed;

  /**
   * A shell on {@code database}.
   *
   * @param format the output mode to begin with
   * @param standard where results go
   * @param screen for long ones; null where nobody looks on
   * @param voice takes notes, a line each
   */
  public Shell(
      Path database,
      Settings settings,
      boolean readOnly,
      ShellFormat format,
      OutputStream standard,
      Pager.@Nullable Screen screen,
      Consumer<String> voice) {
    this.database = database;
    this.settings = settings;
    this.readOnly = readOnly;
    this.voice = voice;
    this.output = new Output(standard, screen);
    this.preferences = new Preferences(format);
    this.session = SafeDatabase.of(database, settings).session(readOnly);
    this.captures = new CaptureLog(voice);
    this.commands = Commands.of(this);
    output.setPager(defaultPager());
  }

  /**
   * Runs a dot-command, or whole SQL statements one after the other up to the first error.
   *
   * @param line the script's line on which the text begins
   */
  public void execute(String text, int line) {
    if (depth == 0) {
      command = new Cancellation(); // an interrupt is of the command during which it comes
    }
    settings.cancellation().throwIfRequested();
    if (isDotCommand(text)) {
      dot(text.strip());
      return;
    }
    SqlSplitter splitter = new SqlSplitter(new StringReader(text), Integer.MAX_VALUE);
    try {
      all(splitter, line);
    } finally {
      output.endResult(); // .once is for all statements of a line
    }
  }

  private void all(SqlSplitter splitter, int line) {
    for (SqlStatement next = splitter.next(); next != null; next = splitter.next()) {
      command.throwIfRequested();
      statements++;
      statement(new SqlStatement(next.sql(), statements, line + next.line() - 1));
    }
  }

  /** Whether a text is one, as opposed to SQL. */
  public static boolean isDotCommand(String text) {
    return text.stripLeading().startsWith(".");
  }

  private void dot(String line) {
    if (preferences.echo) {
      output.print(line + "\n");
    }
    running = null;
    List<String> words = DotWords.of(line);
    DotCommand command = find(words.get(0));
    try {
      command.action().run(words.subList(1, words.size()));
    } catch (DotCommand.WrongUse e) {
      throw command.wrongUse();
    }
  }

  /** By name, or by a beginning that is no other's. */
  private DotCommand find(String name) {
    DotCommand exact = commands.get(name);
    if (exact != null) {
      return exact;
    }
    List<DotCommand> begun =
        commands.values().stream().filter(c -> c.name().startsWith(name)).toList();
    if (begun.size() == 1) {
      return begun.get(0);
    }
    throw new SqliteSafeException(
        ErrorKind.USAGE,
        (begun.isEmpty() ? "there is no command " : "more than one command begins with ") + name,
        begun.isEmpty()
            ? Nearest.hint(name, commands.keySet(), "see .help")
            : String.join(", ", begun.stream().map(DotCommand::name).toList()));
  }

  void statement(SqlStatement statement) {
    if (preferences.echo) {
      output.print(statement.sql() + ";\n");
    }
    running = statement;
    if (atomic && !dump.takes(statement, session)) {
      return;
    }
    boolean explain = statement.keyword().equals("EXPLAIN");
    boolean plan = explain && statement.secondKeyword().equals("QUERY");
    if (preferences.explainPlans && !explain && QueryPlan.exists(statement)) {
      QueryPlan.print(session, statement, preferences.parameters, output);
    }
    long started = System.nanoTime();
    try (Result result =
        new Result(
            output,
            out ->
                plan && preferences.formatExplain
                    ? new QueryPlan(out)
                    : format(explain && !plan).printer(out, preferences.layout))) {
      SafeSession.Outcome outcome = session.run(statement, preferences.parameters, result);
      totalChanges += outcome.changes();
      result.finish();
      preferences.report(output, outcome, totalChanges, System.nanoTime() - started);
    } catch (SqliteSafeException e) {
      if (!isPagerLeft(e)) {
        throw e;
      }
    }
  }

  private static boolean isPagerLeft(@Nullable Throwable e) {
    return e != null && (e instanceof Pager.PagerLeft || isPagerLeft(e.getCause()));
  }

  private ShellFormat format(boolean explain) {
    return explain && preferences.formatExplain ? ShellFormat.COLUMN : preferences.format;
  }

  static String defaultPager() {
    String chosen = System.getenv("PAGER");
    return chosen == null || chosen.isBlank() ? "less" : chosen;
  }

  // ---- for those around it ---------------------------------------------------------------------

  /** The words for an error, with the place in the statement that it is about. */
  public String describe(SqliteSafeException e) {
    return new ErrorText(session).of(e, running);
  }

  /** The session of the database that is open now. */
  public SafeSession session() {
    return session;
  }

  /**
   * Stops a statement, or waiting for the lock, and what follows it in the same text. From any
   * thread. The cancellation of the settings stops all that is still to come, too.
   */
  public void interrupt() {
    command.request(ErrorKind.INTERRUPTED);
    session.interrupt();
  }

  /** The file's name, with a star in a transaction. */
  public String prompt() {
    return database.getFileName() + (session.status().inTransaction() ? "*" : "") + "> ";
  }

  /** Whether something was committed, or done to whole files, that stays whatever comes. */
  public boolean hasDone() {
    return wholeUsed || session.hasCommitted();
  }

  /**
   * Whether a script goes on after an error ({@code .bail off}), which is told here.
   *
   * @param e what happened
   */
  boolean goesOnAfter(SqliteSafeException e) {
    if (preferences.bail
        || atomic
        || e.kind() == ErrorKind.INTERRUPTED
        || e.kind() == ErrorKind.TERMINATED
        || e.kind() == ErrorKind.LOCK_LOST) {
      return false;
    }
    say("error: " + e.getMessage());
    firstFailure = firstFailure == 0 ? e.kind().exitCode() : firstFailure;
    return true;
  }

  /** The status of the first error that a script has gone on after; 0 = of none. */
  public int firstFailure() {
    return firstFailure;
  }

  /** The exit status that {@code .quit} asked for, or null while nobody did. */
  public @Nullable Integer exitCode() {
    return exitCode;
  }

  /** Has somebody asked before something is undone; a script is taken at its word. */
  public void askWith(Predicate<String> yes) {
    question = yes;
  }

  /** Names of dot-commands, for completion. */
  public List<String> commandNames() {
    return List.copyOf(commands.keySet());
  }

  /** Whether a dot-command's arguments are files. */
  public boolean takesFiles(String name) {
    DotCommand command = commands.get(name);
    return command != null && command.files();
  }

  /** What relative names of files are relative to. */
  public Path directory() {
    return directory;
  }

  /**
   * Everything up to {@link #commitAtomic} is one transaction; BEGIN and COMMIT are refused in it.
   */
  public void beginAtomic() {
    session.begin();
    atomic = true;
  }

  public void commitAtomic() {
    session.commit();
  }

  // ---- for commands ----------------------------------------------------------------------------

  Preferences preferences() {
    return preferences;
  }

  Output output() {
    return output;
  }

  Path database() {
    return database;
  }

  Settings settings() {
    return settings;
  }

  /**
   * The database itself, for what is no statement. The session gives its connection up: files are
   * read and replaced.
   */
  SafeDatabase whole() {
    requireNoTransaction();
    session.rest();
    wholeUsed = true;
    return SafeDatabase.of(database, settings.withCancellation(command));
  }

  /** What {@link #interrupt} stops while a command runs. */
  Cancellation command() {
    return command;
  }

  void requireNoTransaction() {
    if (session.status().inTransaction()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "there is an open transaction", "COMMIT or ROLLBACK it first");
    }
  }

  CaptureLog captures() {
    return captures;
  }

  /** Whether the user agrees. */
  boolean asks(String text) {
    return question.test(text);
  }

  boolean readOnly() {
    return readOnly;
  }

  Map<String, DotCommand> commands() {
    return commands;
  }

  void say(String line) {
    voice.accept(line);
  }

  /** A file's name as it was typed; {@code ~/} is the user's home. */
  public Path resolve(String name) {
    String home = System.getProperty("user.home", "");
    try {
      if (name.indexOf('\uFFFD') >= 0) { // a terminal's bytes that were no UTF-8
        throw new InvalidPathException(name, "not UTF-8");
      }
      Path file = directory.resolve(name.startsWith("~/") ? home + name.substring(1) : name);
      if (CommonOptions.isDirectoryOnly(name, file)) {
        throw new SqliteSafeException(
            ErrorKind.USAGE, CommonOptions.noFile(name), "nothing was changed");
      }
      return file;
    } catch (InvalidPathException e) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "this cannot be the name of a file: " + name, "check the name", e);
    }
  }

  /** Runs a script inside a script, which may run others, but not itself for ever. */
  void nested(Runnable script) {
    if (depth == DEEPEST) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, ".read inside .read, " + DEEPEST + " deep", "does a file read itself?");
    }
    depth++;
    try {
      script.run();
    } finally {
      depth--;
    }
  }

  void setDirectory(Path value) {
    directory = value;
    session.setDirectory(value);
  }

  void quit(int code) {
    exitCode = code;
  }

  /** Leaves this database for another; stays if that cannot be opened. */
  void open(Path other) {
    requireNoTransaction();
    SafeSession fresh =
        SafeDatabase.of(other, settings.withParent(Optional.empty())).session(readOnly);
    wholeUsed |= session.hasCommitted();
    session.close();
    session = fresh;
    session.setDirectory(directory);
    if (captures.base() != null) {
      say("the capture of " + database + " has ended");
    }
    captures = new CaptureLog(voice);
    database = other;
  }

  @Override
  public void close() {
    try (output) {
      session.close();
    }
  }
}
