package io.sqlitesafe.internal.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.OwnerRecord;
import io.sqlitesafe.lock.ProcessIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ProcessTableTest {
  @TempDir Path scratch;
  private LockLab lab;
  private ProcessTable table;

  @BeforeEach
  void lab() throws Exception {
    lab = new LockLab(scratch);
    table = lab.processes(LockLab.process(7, "me"));
  }

  @Test
  void aZombieIsDeadOnceItsLastThreadIs() throws Exception {
    lab.alive(42, "s");
    Path dir = scratch.resolve("proc/42");
    Files.writeString(
        dir.resolve("stat"), Files.readString(dir.resolve("stat")).replace(") S", ") Z"));
    assertEquals(Life.DEAD, table.lifeOf(LockLab.process(42, "s")));
    Files.createDirectory(dir.resolve("task/43"));
    assertEquals(Life.ALIVE, table.lifeOf(LockLab.process(42, "s")));
  }

  @Test
  void aPidWithoutStartTimeIsJudgedByItsExistence() throws Exception {
    lab.alive(42, "s");
    ProcessIdentity owner =
        new ProcessIdentity(42, "host", null, LockLab.BOOT, LockLab.NAMESPACE, LockLab.TIME, null);
    assertEquals(Life.ALIVE, table.lifeOf(owner));
    lab.kill(42);
    assertEquals(Life.DEAD, table.lifeOf(owner));
  }

  @Test
  void anotherBootProvesARebootOnlyOnTheSameMachine() {
    assertEquals(
        Life.REBOOTED,
        table.lifeOf(new ProcessIdentity(1, "host", "s", "boot-0", "pid:[1]", null, "machine")));
    assertEquals(
        Life.UNKNOWN,
        table.lifeOf(new ProcessIdentity(1, "host", "s", "boot-0", "pid:[1]", null, "clone")));
    assertEquals(
        Life.UNKNOWN,
        table.lifeOf(new ProcessIdentity(1, "host2", "s", "boot-0", "pid:[1]", null, "machine")));
    assertEquals(
        Life.UNKNOWN,
        table.lifeOf(new ProcessIdentity(1, "host", "s", null, null, null, "machine")));
  }

  private static ProcessIdentity inTimeNamespace(@Nullable String space, String start) {
    return new ProcessIdentity(42, "host", start, LockLab.BOOT, LockLab.NAMESPACE, space, null);
  }

  @Test
  void aStartTimeOfAnotherTimeNamespaceProvesNothing() throws Exception {
    lab.alive(42, "s");
    assertEquals(Life.DEAD, table.lifeOf(inTimeNamespace(LockLab.TIME, "other")));
    assertEquals(Life.UNKNOWN, table.lifeOf(inTimeNamespace("time:[2]", "other")));
    assertEquals(Life.UNKNOWN, table.lifeOf(inTimeNamespace(null, "other")));
    lab.kill(42);
    assertEquals(Life.DEAD, table.lifeOf(inTimeNamespace("time:[2]", "other")));
  }

  @Test
  void aTableOfAnotherNamespaceProvesNothing() throws Exception {
    ProcessIdentity gone = LockLab.process(42, "s");
    assertEquals(Life.DEAD, table.lifeOf(gone));
    Path link = scratch.resolve("proc/self-of-7");
    Files.delete(link);
    assertEquals(Life.UNKNOWN, table.lifeOf(gone), "no /proc/self");
    Files.createSymbolicLink(link, Path.of("4007"));
    assertEquals(Life.UNKNOWN, table.lifeOf(gone), "the outer pid");

    // By chance the same pid in both: the list of all name spaces shows that they are two.
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("7"));
    Path status = Files.createDirectories(scratch.resolve("proc/7")).resolve("status");
    Files.writeString(status, "Name:\tjava\nPid:\t7\nNSpid:\t7\t7\nThreads:\t1\n");
    assertEquals(Life.UNKNOWN, table.lifeOf(gone), "by chance");
    Files.writeString(status, "Name:\tjava\nPid:\t7\nNSpid:\t7\nThreads:\t1\n");
    assertEquals(Life.DEAD, table.lifeOf(gone));
  }

  @Test
  void anOddStatIsNoProof() throws Exception {
    lab.alive(42, "s");
    Path stat = scratch.resolve("proc/42/stat");
    String fields = " S" + " 0".repeat(18) + " s 0\n";
    Files.writeString(stat, "42 (a) Z 1\n) b) S (" + ")" + fields);
    assertEquals(Life.ALIVE, table.lifeOf(LockLab.process(42, "s")));
    for (String odd : List.of("", "42", "42 (x", "42 (x)", "42 (x) ", "42 (x) S")) {
      Files.writeString(stat, odd);
      assertEquals(Life.ALIVE, table.lifeOf(LockLab.process(42, "s")), odd);
    }
  }

  private OwnerRecord withWorker(OwnerRecord.@Nullable Worker worker) {
    OwnerRecord record = lab.record(LockLab.token('a'), LockLab.process(42, "s"));
    return worker == null ? record : record.withWorker(worker);
  }

  @Test
  void deadOnlyWhereTheWorkerIsToo() throws Exception {
    OwnerRecord.Worker worker = new OwnerRecord.Worker(43, "w");
    assertEquals(Life.DEAD, table.lifeOf(withWorker(null)));
    assertEquals(Life.DEAD, table.lifeOf(withWorker(worker)));
    lab.alive(43, "w");
    assertEquals(Life.WORKING, table.lifeOf(withWorker(worker)));
    assertEquals(Life.DEAD, table.lifeOf(withWorker(new OwnerRecord.Worker(43, "earlier"))));
    assertEquals(Life.WORKING, table.lifeOf(withWorker(new OwnerRecord.Worker(43, null))));
    assertEquals(Life.UNKNOWN, table.lifeOf(withWorker(new OwnerRecord.Worker(0, null))));
    lab.alive(42, "s");
    lab.kill(43);
    assertEquals(Life.ALIVE, table.lifeOf(withWorker(worker)));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void knowsThisProcessAndThatOnlyIt() {
    ProcessTable here = ProcessTable.ofThisHost();
    ProcessIdentity self = here.self();
    assertEquals(ProcessHandle.current().pid(), self.pid());
    assertNotNull(self.bootId());
    assertNotNull(self.pidNamespace());
    assertEquals(Life.ALIVE, here.lifeOf(self));
    assertEquals(
        Life.DEAD,
        here.lifeOf(
            new ProcessIdentity(
                self.pid(),
                self.hostname(),
                "1",
                self.bootId(),
                self.pidNamespace(),
                self.timeNamespace(),
                null)));
  }
}
