package io.sqlitesafe.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.sqlitesafe.lock.ProcessTable.Life;
import java.nio.file.Files;
import java.nio.file.Path;
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
        new ProcessIdentity(42, "host", null, LockLab.BOOT, LockLab.NAMESPACE, null);
    assertEquals(Life.ALIVE, table.lifeOf(owner));
    lab.kill(42);
    assertEquals(Life.DEAD, table.lifeOf(owner));
  }

  @Test
  void anotherBootProvesARebootOnlyOnTheSameMachine() {
    assertEquals(
        Life.REBOOTED,
        table.lifeOf(new ProcessIdentity(1, "host", "s", "boot-0", "pid:[1]", "machine")));
    assertEquals(
        Life.UNKNOWN,
        table.lifeOf(new ProcessIdentity(1, "host", "s", "boot-0", "pid:[1]", "clone")));
    assertEquals(
        Life.UNKNOWN,
        table.lifeOf(new ProcessIdentity(1, "host2", "s", "boot-0", "pid:[1]", "machine")));
    assertEquals(
        Life.UNKNOWN, table.lifeOf(new ProcessIdentity(1, "host", "s", null, null, "machine")));
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
                self.pid(), self.hostname(), "1", self.bootId(), self.pidNamespace(), null)));
  }
}
