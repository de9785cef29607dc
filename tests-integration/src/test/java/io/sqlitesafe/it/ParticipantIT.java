package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Python;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ours and an independent participant, written from the protocol text alone, on one lock. */
class ParticipantIT {
  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void makeDatabase() {
    assumeTrue(Program.exists("python3"), "python3 is not installed");
    db = Db.counter(directory);
  }

  private Running theirs() {
    Running holder = Python.participant("hold", "--heartbeat", db).start();
    holder.awaitOut("held ");
    return holder;
  }

  private static String token(Running holder) {
    return holder.outSoFar().strip().split(" ")[1];
  }

  private Result ourWrite() {
    return Cli.run("write", "--wait", "0", db, "UPDATE counter SET n = n + 1");
  }

  private Result theirWrite() {
    return Python.participant("increment", "--wait", 0, "--count", 1, db).run();
  }

  private void assertCounter(long expected) {
    assertEquals(expected, Db.integer(db, "SELECT n FROM counter"));
    Db.assertNoLeftovers(db);
  }

  @Test
  void theirsKeepsUsOut() {
    try (Running holder = theirs()) {
      ourWrite().exits(11).says("pid " + holder.pid() + " ");
      Cli.run("break-stale", db).exits(11);
      assertEquals("held", Cli.verdict(db));
      holder.say("release");
      holder.await().exits(0);
    }
    ourWrite().exits(0);
    assertCounter(1);
  }

  @Test
  void oursKeepsThemOut() {
    try (Running holder = Cli.hold(db)) {
      theirWrite().exits(11);
      Python.participant("break", db).run().exits(11);
      holder.say("end");
      holder.await().exits(0);
    }
    theirWrite().exits(0);
    assertCounter(1);
  }

  @Test
  void weReplaceTheirDeadAtOnce() {
    try (Running holder = theirs()) {
      holder.kill();
    }
    assertEquals("dead", Cli.verdict(db));
    Cli.run("write", "--wait", "0", "--break", "never", db, "SELECT 1").exits(11);
    ourWrite().exits(0).says("broke the lock");
    assertCounter(1);
  }

  @Test
  void theyReplaceOurDeadAtOnce() {
    try (Running holder = Cli.hold(db)) {
      holder.kill();
    }
    theirWrite().exits(0);
    assertCounter(1);
  }

  @Test
  void theirWriterIsRefusedAfterOurBreak() {
    try (Running holder = theirs()) {
      Cli.run("break-stale", "--owner", token(holder), "--force", db).exits(0);
      ourWrite().exits(0);
      holder.say("write UPDATE counter SET n = 100");
      holder.awaitOut("compromised");
    }
    assertCounter(1);
  }

  @Test
  void ourWriterIsRefusedAfterTheirBreak() {
    try (Running holder = Cli.hold(db, "--heartbeat-interval", "1s", "--stale-after", "10s")) {
      String token = token(holder);
      Python.participant("break", "--owner", token, "--force", db).run().exits(0);
      theirWrite().exits(0);
      holder.await().exits(12);
    }
    assertCounter(1);
  }
}
