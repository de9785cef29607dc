package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
    Path trace = directory.resolve("trace");
    String which = "trace=openat,open,fcntl,unlink,unlinkat,rename,renameat2,mkdir,fsync,fdatasync";
    List<String> strace =
        List.of("strace", "-f", "-y", "-s", "300", "-e", which, "-o", trace.toString());
    assumeTrue(
        Program.exists("strace") && Program.of("true").behind(strace).run().exit() == 0,
        "strace is not installed, or may not trace here");
    db = Db.create(directory, "app.db", "CREATE TABLE t(v)");
    Cli.command("write", db, "INSERT INTO t VALUES('new')").behind(strace).run().exits(0);
    calls = Files.readAllLines(trace);
  }

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

  @Test
  void theClaimIsCheckedUnderReserved() {
    String claim = db + ".lock/claim.";
    int published = first("publication", 0, call("rename", db + ".lock.new."));
    int opened = first("opening", published, call("openat", "\"" + db + "\""));
    int drained = first("drain", opened, line -> line.contains(RESERVED));
    int reserved = first("transaction", drained + 1, line -> line.contains(RESERVED));
    int journal = first("journal", reserved, call("openat", db + "-journal"));
    int commit = first("commit", journal, call("unlink", db + "-journal"));
    int released = first("release", commit, call("unlink", claim));
    int barrier = first("barrier", reserved, call("unlink", db + ".lock.probe."));
    int check = first("check", barrier, call("openat", claim));
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
    int release = first("release", commit, call("unlink", db + ".lock/claim."));
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
