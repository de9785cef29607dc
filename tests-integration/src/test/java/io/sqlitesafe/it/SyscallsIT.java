package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What one write asks of the kernel, and in which order: the safety of the protocol in one look.
 */
class SyscallsIT {
  /** SQLite's RESERVED byte. */
  private static final String RESERVED = "F_WRLCK, l_whence=SEEK_SET, l_start=1073741825, l_len=1";

  @TempDir Path directory;
  private Path db;
  private List<String> calls;

  @BeforeEach
  void traceOneWrite() throws IOException {
    db = Db.create(directory, "app.db", "CREATE TABLE t(v)");
    calls = trace(SAFETY, "write", db, "INSERT INTO t VALUES('new')");
  }

  private static final String SAFETY =
      "trace=openat,open,fcntl,unlink,unlinkat,rmdir,rename,renameat2,mkdir,fsync,fdatasync";

  private List<String> trace(String which, Object... words) throws IOException {
    Path trace = directory.resolve("trace");
    List<String> strace =
        List.of("strace", "-f", "-y", "-s", "300", "-e", which, "-o", trace.toString());
    assumeTrue(
        Program.exists("strace") && Program.of("true").behind(strace).run().exit() == 0,
        "strace is not installed, or may not trace here");
    Cli.command(words).behind(strace).run().exits(0);
    return Files.readAllLines(trace);
  }

  /** A caching client has to look anew; where the user says that others use the file, all have. */
  @Test
  void aBarrierComesBeforeTheCheckWhereOthersUseTheFile() throws IOException {
    calls = trace(SAFETY, "write", "--assume-network", db, "INSERT INTO t VALUES('new')");
    int drained = first("drain", 0, line -> line.contains(RESERVED));
    int reserved = first("journal", drained, call("openat", db + "-journal"));
    int barrier = first("barrier", reserved, line -> line.contains(db + ".lock.probe."));
    int check = first("check", barrier, call("openat", db + ".lock/claim."));
    int commit = first("commit", reserved, call("unlink", db + "-journal"));
    assertTrue(check < commit, "the claim is not checked, after a barrier, before the commit");
  }

  /**
   * What one write costs beside what SQLite asks for by itself, in calls and syncs: on a file
   * system of this kernel, where there is nothing to be looked at twice.
   */
  @Test
  void aWriteMakesNoMoreCallsThanItNeeds() throws IOException {
    Path memory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(memory), "there is no /dev/shm to write to");
    Path scratch = Files.createTempDirectory(memory, "sqlite-safe-calls-");
    try {
      Path small = Db.create(scratch, "app.db", "CREATE TABLE t(v)");
      List<String> all = trace("trace=all", "write", small, "INSERT INTO t VALUES('new')");
      List<String> here = all.stream().filter(line -> line.contains(scratch.toString())).toList();
      long syncs = here.stream().filter(line -> line.matches(".* f(data)?sync\\(.*")).count();
      assertTrue(here.stream().anyMatch(call("openat", small + "-journal")), "wrong trace");
      assertEquals(5, syncs, () -> "syncs of\n" + String.join("\n", here));
      assertTrue(here.size() <= CALLS, () -> here.size() + " calls:\n" + String.join("\n", here));
    } finally {
      Program.of("rm", "-rf", scratch).run();
    }
  }

  /** Of which SQLite makes about half. */
  private static final int CALLS = 125;

  private int first(String what, int from, Predicate<String> wanted) {
    for (int i = from; i < calls.size(); i++) {
      if (wanted.test(calls.get(i))) {
        return i;
      }
    }
    throw new AssertionError(
        "no " + what + " after line " + from + " of\n" + String.join("\n", calls));
  }

  private Predicate<String> call(String name, String path) {
    return line -> line.contains(name) && line.contains(path);
  }

  /** Through the directory in which the owner has seen its claim. */
  private Predicate<String> release() {
    return line -> line.contains("unlink") && line.contains(db + ".lock>, \"claim.");
  }

  @Test
  void theClaimIsCheckedUnderReserved() {
    String claim = db + ".lock/claim.";
    int published = first("publication", 0, call("rename", db + ".lock.new."));
    int opened = first("opening", published, call("openat", "\"" + db + "\""));
    int reserved = first("drain and transaction", opened, line -> line.contains(RESERVED));
    int journal = first("journal", reserved, call("openat", db + "-journal"));
    int commit = first("commit", journal, call("unlink", db + "-journal"));
    int released = first("release", commit, release());
    int check = first("check", reserved, call("openat", claim));
    assertTrue(check < commit, "the claim is not checked between RESERVED and the commit");
    assertTrue(calls.get(check).contains("O_RDONLY"), calls.get(check));
    for (int i = reserved + 1; i < commit; i++) {
      boolean unlocked = calls.get(i).contains("<" + db + ">") && calls.get(i).contains("F_UNLCK");
      boolean ofReserved = unlocked && calls.get(i).contains("l_start=0, l_len=0");
      assertTrue(!ofReserved, "RESERVED is let go before the commit: " + calls.get(i));
    }
    assertTrue(released > commit);
  }

  /**
   * Without it a power cut after the acknowledgement can bring the journal back, which then undoes
   * the commit.
   */
  @Test
  void theCommitIsDurableBeforeTheLockIsReleased() {
    int commit = first("commit", 0, call("unlink", db + "-journal"));
    int release = first("release", commit, release());
    int synced =
        first(
            "sync of the directory", commit, call("sync(", "<" + directory.toAbsolutePath() + ">"));
    assertTrue(synced < release, "the directory is synced only after the release");
  }

  /** Closing any other descriptor of the file in this process would drop SQLite's locks on it. */
  @Test
  void onlySqliteOpensTheDatabase() {
    long opens =
        calls.stream()
            .filter(line -> line.contains("open") && line.contains("\"" + db + "\""))
            .count();
    assertEquals(1, opens);
    int open = first("opening", 0, call("open", "\"" + db + "\""));
    assertTrue(calls.get(open).contains("O_NOFOLLOW"), "not SQLite's way: " + calls.get(open));
  }
}
