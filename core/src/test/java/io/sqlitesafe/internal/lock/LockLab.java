package io.sqlitesafe.internal.lock;

import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import io.sqlitesafe.lock.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A database file in a scratch directory, and processes that are alive or dead at will. */
final class LockLab {
  static final String BOOT = "boot-1";
  static final String NAMESPACE = "pid:[1]";
  static final String TIME = "time:[1]";

  final LockPaths paths;
  final FakeClock clock = new FakeClock();
  private final Path proc;

  LockLab(Path directory) throws IOException {
    Path database = Files.createFile(directory.resolve("app.db"));
    paths = LockPaths.of(database);
    proc = Files.createDirectory(directory.resolve("proc"));
    alive(1, "100");
  }

  /** Puts a process into the pretended /proc. */
  void alive(long pid, String startTime) throws IOException {
    Path dir = Files.createDirectories(proc.resolve(Long.toString(pid)));
    Files.createDirectories(dir.resolve("task").resolve(Long.toString(pid)));
    Files.writeString(
        dir.resolve("stat"),
        pid + " (some (odd) name) S" + " 0".repeat(18) + " " + startTime + " 0");
  }

  void kill(long pid) throws IOException {
    Path dir = proc.resolve(Long.toString(pid));
    Files.delete(dir.resolve("stat"));
  }

  /** As one of these processes sees them. */
  ProcessTable processes(ProcessIdentity self) throws IOException {
    Path link = proc.resolve("self-of-" + self.pid());
    if (!Files.isSymbolicLink(link)) {
      Files.createSymbolicLink(link, Path.of(Long.toString(self.pid())));
    }
    return ProcessTable.of(proc, link, self);
  }

  static ProcessIdentity process(long pid, String startTime) {
    return new ProcessIdentity(pid, "host", startTime, BOOT, NAMESPACE, TIME, "machine");
  }

  /** A manager for the process of that pid, which is put into /proc. */
  LockManager manager(long pid, Step.Listener listener) throws IOException {
    return manager(pid, listener, true);
  }

  LockManager manager(long pid, Step.Listener listener, boolean renameReplaces) throws IOException {
    alive(pid, "start-" + pid);
    return LockManager.forTest(
        paths, listener, processes(process(pid, "start-" + pid)), renameReplaces, clock);
  }

  LockManager manager(long pid) throws IOException {
    return manager(pid, step -> {});
  }

  LockDirectory directory() {
    return new LockDirectory(paths, step -> {});
  }

  OwnerRecord record(LockToken token, ProcessIdentity process) {
    return record(token, process, OwnerRecord.PROTOCOL, LockTimes.DEFAULT.staleAfter());
  }

  OwnerRecord record(
      LockToken token, ProcessIdentity process, String protocol, Duration staleAfter) {
    return new OwnerRecord(
        protocol,
        process.hostname() + ":" + process.pid() + ":" + token,
        "app.db",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z",
        "trusted",
        Duration.ofSeconds(10),
        staleAfter,
        "test",
        "test",
        process,
        null,
        false);
  }

  static LockToken token(char digit) {
    return new LockToken(String.valueOf(digit).repeat(32));
  }

  static LockRequest request() {
    return LockRequest.defaults("test");
  }

  /** The names in the lock directory; null where there is none. */
  @Nullable List<String> entries() throws IOException {
    if (!Files.isDirectory(paths.lock())) {
      return null;
    }
    List<String> names = new ArrayList<>(PlainFiles.list(paths.lock()));
    Collections.sort(names);
    return names;
  }

  /** Everything beside the database that the protocol made. */
  List<String> leftovers() throws IOException {
    return PlainFiles.list(paths.directory()).stream()
        .filter(name -> name.startsWith("app.db."))
        .sorted()
        .toList();
  }
}
