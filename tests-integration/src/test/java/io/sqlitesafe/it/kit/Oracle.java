package io.sqlitesafe.it.kit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.cli.output.text.JsonOutput;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * SQLite's own session extension (tests-integration/oracle: oracle.py, or node.js), one process for
 * many questions. Databases are bytes, as {@link Memory} gives and takes them; none at all is a new
 * one. For one thread.
 */
public final class Oracle implements AutoCloseable {
  /** Flags of apply (sqlite.org/session/c_changesetapply_fknoaction.html). */
  public static final int INVERT = 2;

  public static final int FKNOACTION = 8;

  private final Process process;
  private final BufferedWriter questions;
  private final BufferedReader answers;
  private final boolean tellsRows;

  private Oracle(Process process, boolean tellsRows) {
    this.process = process;
    this.tellsRows = tellsRows;
    this.questions = process.outputWriter();
    this.answers = process.inputReader();
  }

  /** Starts it, or skips the test with one line that says what is missing. */
  public static Oracle orSkip() {
    assumeTrue(Program.exists("python3"), "no oracle: python3 is not installed");
    ProcessBuilder builder = new ProcessBuilder("python3", script("oracle.py"));
    Path newer = Cli.module().resolve("target/oracle/libsqlite3.so");
    if (Files.exists(newer)) {
      builder.environment().putIfAbsent("SQLITE_SAFE_ORACLE_LIBRARY", newer.toString());
    }
    return orSkip(builder, true, "libsqlite3.so.0 with the session extension is missing");
  }

  /** The same with node's library, which tells less: see {@link #tellsRows}. */
  public static Oracle nodeOrSkip() {
    Path node = Cli.module().resolve("target/oracle/node");
    String missing = "no node of oracle/node.sh";
    if (!Files.isExecutable(node)) {
      System.out.println("no oracle: " + missing);
    }
    assumeTrue(Files.isExecutable(node), missing);
    return orSkip(new ProcessBuilder(node.toString(), script("node.js")), false, missing);
  }

  private static String script(String name) {
    return Cli.module().resolve("oracle").resolve(name).toString();
  }

  private static Oracle orSkip(ProcessBuilder builder, boolean tellsRows, String missing) {
    Oracle oracle;
    try {
      oracle =
          new Oracle(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start(), tellsRows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Object> version = oracle.tryAsk(Map.of("op", "version"));
    boolean session = version != null && Boolean.TRUE.equals(version.get("session"));
    if (!session) {
      oracle.close();
      System.out.println("no oracle: " + missing);
    }
    assumeTrue(session, "no oracle: " + missing);
    return oracle;
  }

  /** Whether it tells more of a conflict than its kind, gives data for rebasing, and inverts. */
  public boolean tellsRows() {
    return tellsRows;
  }

  /** Whether it knows SQLITE_SESSION_OBJCONFIG_ROWID; says so where it does not. */
  public boolean knowsRowids() {
    boolean known = Boolean.TRUE.equals(ask(question("version")).get("rowids"));
    if (!known) {
      System.out.println("no oracle: this library has no SQLITE_SESSION_OBJCONFIG_ROWID");
    }
    return known;
  }

  private Map<String, Object> tryAsk(Map<String, ?> question) {
    try {
      questions.write(JsonOutput.toJson(question) + "\n");
      questions.flush();
      String answer = answers.readLine();
      return answer == null ? null : Json.object(answer);
    } catch (IOException e) {
      return null;
    }
  }

  private Map<String, Object> ask(Map<String, ?> question) {
    Map<String, Object> answer = tryAsk(question);
    if (answer == null || answer.containsKey("error")) {
      throw new AssertionError("the oracle did not answer " + question.get("op") + ": " + answer);
    }
    return answer;
  }

  private static Map<String, Object> question(String op, Object... members) {
    Map<String, Object> question = new LinkedHashMap<>();
    question.put("op", op);
    for (int i = 0; i < members.length; i += 2) {
      question.put((String) members[i], members[i + 1]);
    }
    return question;
  }

  private static byte[] bytes(Map<String, Object> answer, String member) {
    return Base64.getDecoder().decode(Objects.toString(answer.get(member), ""));
  }

  public String version() {
    return String.valueOf(ask(question("version")).get("version"));
  }

  /**
   * A captured script.
   *
   * @param errors by the number of the statement, counted from 0
   */
  public record Captured(
      byte[] changeset, byte[] patchset, byte[] database, Map<String, Object> errors) {}

  /** Runs the statements in order, each in its own right, whatever the others did. */
  public Captured capture(byte[] database, List<String> sql) {
    return capture(database, sql, false);
  }

  /**
   * As above.
   *
   * @param rowids with SQLITE_SESSION_OBJCONFIG_ROWID
   */
  @SuppressWarnings("unchecked")
  public Captured capture(byte[] database, List<String> sql, boolean rowids) {
    Map<String, Object> answer =
        ask(question("capture", "db", database, "sql", sql, "rowids", rowids ? 1 : 0));
    return new Captured(
        bytes(answer, "changeset"),
        bytes(answer, "patchset"),
        bytes(answer, "db"),
        (Map<String, Object>) answer.get("errors"));
  }

  /**
   * An applied changeset.
   *
   * @param rc SQLite's result code; 4 = aborted
   * @param conflicts as {@code kind table op old new conflict}, in the order of the calls
   */
  public record Applied(long rc, List<String> conflicts, byte[] rebase, byte[] database) {}

  /**
   * Applies under a policy: data, notfound, conflict, constraint, foreign-key to abort, omit,
   * replace.
   *
   * @param before statements to run on the connection first, say {@code PRAGMA foreign_keys=ON}
   * @param flags {@link #INVERT}, {@link #FKNOACTION}
   */
  public Applied apply(
      byte[] database,
      byte[] changeset,
      Map<String, String> policy,
      List<String> before,
      int flags) {
    Map<String, Object> answer =
        ask(
            question(
                "apply",
                "db",
                database,
                "changeset",
                changeset,
                "policy",
                policy,
                "before",
                before,
                "flags",
                flags));
    List<String> conflicts = new ArrayList<>();
    for (Object conflict : (List<?>) answer.get("conflicts")) {
      Map<?, ?> members = (Map<?, ?>) conflict;
      boolean bare = !tellsRows || members.get("kind").equals("foreign-key");
      conflicts.add(
          bare
              ? members.get("kind") + " "
              : members.get("kind")
                  + " "
                  + members.get("table")
                  + " "
                  + members.get("op")
                  + " "
                  + members.get("old")
                  + " "
                  + members.get("new")
                  + " "
                  + (members.containsKey("conflict") ? members.get("conflict") : "[]"));
    }
    return new Applied(
        (Long) answer.get("rc"), conflicts, bytes(answer, "rebase"), bytes(answer, "db"));
  }

  /** The inverse, or null where the library refuses. */
  public byte[] invert(byte[] changeset) {
    return changeset(question("invert", "changeset", changeset));
  }

  /** All of them as one, or null where the library refuses. */
  public byte[] concat(List<byte[]> changesets) {
    return changeset(question("concat", "changesets", changesets));
  }

  /** Rebased, or null where the library refuses. */
  public byte[] rebase(byte[] changeset, List<byte[]> rebase) {
    return changeset(question("rebase", "changeset", changeset, "rebase", rebase));
  }

  private byte[] changeset(Map<String, Object> question) {
    Map<String, Object> answer = ask(question);
    return answer.get("rc").equals(0L) ? bytes(answer, "changeset") : null;
  }

  /** The library's result code on reading it to its end, and the changes until then. */
  public Map<String, Object> show(byte[] changeset) {
    return ask(question("show", "changeset", changeset));
  }

  @Override
  public void close() {
    process.destroy();
  }
}
