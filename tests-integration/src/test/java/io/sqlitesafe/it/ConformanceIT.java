package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three participants in three languages, driven through the protocol's vectors by the conformance
 * kit.
 */
class ConformanceIT {
  private static final Path KIT = Cli.module().resolve("conformance");
  private static final String JAVA = "./participant-java";
  private static final String PYTHON = "python3 -B participant-python.py";
  private static final String SHELL = "./participant-sh";

  private static final int JUDGEMENTS = 40;
  private static final int SEQUENCES = 20;

  @TempDir Path directory;

  @BeforeEach
  void needsPython() {
    assumeTrue(Program.exists("python3"), "python3 is not installed");
  }

  private Result kit(String... commands) {
    Object[] words = new Object[commands.length + 3];
    words[0] = "python3";
    words[1] = "-B";
    words[2] = "conformance.py";
    System.arraycopy(commands, 0, words, 3, commands.length);
    return Program.of(words)
        .in(KIT)
        .with("CONFORMANCE_CLASSES", directory.toString())
        .with("SQLITE_SAFE_LIB", Cli.launcher().resolveSibling("../lib").toString())
        .run();
  }

  private static void passes(Result result, int vectors, int skipped) {
    assertEquals(0, result.exit(), result::toString);
    String expected = (vectors - skipped) + " passed, 0 failed, " + skipped + " skipped";
    assertTrue(result.out().contains(expected), result::toString);
  }

  @Test
  void ours() {
    assumeTrue(Program.exists("javac"), "there is no javac");
    passes(kit(JAVA), JUDGEMENTS + SEQUENCES, 0);
  }

  /** Judgements have one part only. */
  @Test
  void oursAgainstThePythonOne() {
    assumeTrue(Program.exists("javac"), "there is no javac");
    passes(kit("--only", "sequences", JAVA, PYTHON), SEQUENCES, 0);
  }

  @Test
  void thePythonOne() {
    passes(kit(PYTHON), JUDGEMENTS + SEQUENCES, 0);
  }

  /** It knows no transactions and beats only when told, so S6, S7 and S16 are not for it. */
  @Test
  void theShellOne() {
    assumeTrue(Program.exists("sqlite3"), "sqlite3 is not installed");
    passes(kit(SHELL), JUDGEMENTS + SEQUENCES, 3);
  }

  @Test
  void aParticipantThatTakesAnyEmptyDirectoryFails() {
    String wrong =
        "python3 -B -c \"import runpy, sys; sys.path.insert(0, '../participant');"
            + " sys.path.insert(0, '../torture'); import worker; worker.break_it('take-foreign');"
            + " runpy.run_path('participant-python.py', run_name='__main__')\"";
    Result result = kit("--only", "3a,S15,5", wrong);
    assertEquals(1, result.exit(), result::toString);
    assertTrue(result.out().contains("vector 5 ok"), result::toString);
    for (String vector : new String[] {"vector 3a", "S15"}) {
      assertTrue(result.out().contains(vector + " FAILED"), result::toString);
    }
  }

  @Test
  void aParticipantThatBelievesInDeathByAnotherHostFails() {
    String wrong =
        "python3 -B -c \"import runpy, sys; sys.path.insert(0, '../participant'); import locksteps;"
            + " locksteps.life = lambda *facts: 'dead';"
            + " runpy.run_path('participant-python.py', run_name='__main__')\"";
    Result result = kit("--only", "4,10", wrong);
    assertEquals(1, result.exit(), result::toString);
    assertTrue(result.out().contains("vector 4 ok"), result::toString);
    assertTrue(result.out().contains("vector 10 FAILED"), result::toString);
  }
}
