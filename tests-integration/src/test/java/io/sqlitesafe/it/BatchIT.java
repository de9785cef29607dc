package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests to one process, and their answers. */
class BatchIT {
  private static final String ADD = "UPDATE counter SET n = n + 1";

  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void make() {
    db =
        Db.create(directory, "it's.db", "CREATE TABLE counter(n)", "INSERT INTO counter VALUES(0)");
  }

  /** A request on the database; {@code more} are further members. */
  private String request(String command, String argument, String... more) {
    StringBuilder request = new StringBuilder("{\"" + command + "\":[\"" + db + "\",\"" + argument);
    request.append("\"]");
    for (String member : more) {
      request.append(',').append(member);
    }
    return request.append('}').toString();
  }

  private static List<Map<String, Object>> answers(String out) {
    List<Map<String, Object>> answers = new ArrayList<>();
    out.lines().forEach(line -> answers.add(Json.object(line)));
    for (int i = 0; i < answers.size(); i++) {
      assertEquals("answer", answers.get(i).get("type"), out);
      assertEquals(i + 1L, answers.get(i).get("request"), out);
    }
    return answers;
  }

  private List<Map<String, Object>> ask(String... requests) {
    Result result = Cli.command("batch").input(String.join("\n", requests) + "\n").run().exits(0);
    assertEquals("", result.err());
    List<Map<String, Object>> answers = answers(result.out());
    assertEquals(requests.length, answers.size(), result::toString);
    return answers;
  }

  private static Map<?, ?> output(Map<String, Object> answer, int index) {
    return (Map<?, ?>) ((List<?>) answer.get("output")).get(index);
  }

  private static void assertRefused(Map<String, Object> answer, long exitCode, String message) {
    assertEquals(exitCode, answer.get("exitCode"), answer::toString);
    assertEquals(exitCode, Json.at(answer, "error", "exitCode"), answer::toString);
    String said = String.valueOf(Json.at(answer, "error", "message"));
    assertTrue(said.contains(message), said);
  }

  /** Requests share the parser of their command, and nothing that it has read. */
  @Test
  void optionsAreThoseOfTheirOwnRequest() {
    String set = "UPDATE counter SET n = :n";
    List<Map<String, Object>> answers =
        ask(
            request("write", set, "\"param\":{\"n\":1,\"m\":2}", "\"dry-run\":true"),
            request(
                "write", set, "\"param\":{\"n\":5}", "\"expect\":[\"SELECT 1=1\",\"SELECT 2=2\"]"),
            request("write", set),
            request("write", set, "\"param\":{\"n\":7}", "\"wait\":\"later\""),
            request("read", "SELECT n FROM counter"),
            request("write", "UPDATE counter SET n = n + 1"),
            request("read", "SELECT n FROM counter"));
    assertRefused(answers.get(0), 2, "m");
    assertEquals(0L, answers.get(1).get("exitCode"), answers::toString);
    assertRefused(answers.get(2), 2, "n");
    assertRefused(answers.get(3), 2, "later");
    assertEquals(Map.of("n", 5L), output(answers.get(4), 0).get("row"), answers::toString);
    assertEquals(0L, answers.get(5).get("exitCode"), answers::toString);
    assertEquals(Map.of("n", 6L), output(answers.get(6), 0).get("row"), answers::toString);
  }

  @Test
  void answersInOrderAndGoesOnAfterErrors() {
    List<Map<String, Object>> answers =
        ask(
            request("write", ADD),
            "{\"write\":",
            "[1]",
            "{}",
            "{\"wrote\":\"" + db + "\"}",
            request("write", "UPDATE conter SET n = 0"),
            request("write", ADD, "\"wait\":\"soon\""),
            request("write", ADD, "\"expect\":\"SELECT n FROM counter=9\""),
            request("read", "SELECT n, 'ü' AS u FROM counter"),
            "{\"read\":[\"" + directory + "/none.db\",\"SELECT 1\"]}",
            "{\"inspect-lock\":\"" + db + "\"}",
            "{\"generate-completion\":\"fish\"}");
    assertEquals(1L, output(answers.get(0), 0).get("changes"));
    assertNull(answers.get(0).get("error"));
    assertRefused(answers.get(1), 2, "not valid JSON");
    assertRefused(answers.get(2), 2, "not a JSON object");
    assertRefused(answers.get(3), 2, "not the name of a command");
    assertEquals(2L, answers.get(4).get("exitCode"));
    assertRefused(answers.get(5), 1, "no such table: conter");
    assertRefused(answers.get(6), 2, "soon");
    assertRefused(answers.get(7), 13, "expected 9");
    assertEquals(Map.of("n", 1L, "u", "ü"), output(answers.get(8), 0).get("row"));
    assertEquals("read", output(answers.get(8), 1).get("type"));
    assertRefused(answers.get(9), 10, "none.db");
    assertEquals("free", output(answers.get(10), 0).get("verdict"));
    assertTrue(String.valueOf(answers.get(11).get("text")).contains("complete "));
    Db.assertNoLeftovers(db);
  }

  @Test
  void optionsOfEveryKind() {
    List<Map<String, Object>> answers =
        ask(
            request(
                "read",
                "SELECT json_array(:t, :i, :r, :n, :b, json(:j), :s)",
                "\"param\":{\"t\":\"a=b:c\",\"i\":-5,\"r\":0.5,\"n\":null,\"b\":true,\"j\":{\"k\":[1]},\"s\":\"\"}"),
            request("write", ADD, "\"dry-run\":true,\"json\":false"),
            request("write", ADD, "\"dry-run\":false"),
            request("read", ":x", "\"param\":[\"a=1\",\"b:int=2\"],\"stdin\":\"SELECT 1\""),
            "{\"write\":\"" + db + "\",\"stdin\":\"" + ADD + "; SELECT n FROM counter\"}",
            "{\"changeset show\":\"" + directory + "/none\"}");
    Map<?, ?> row = (Map<?, ?>) output(answers.get(0), 0).get("row");
    assertEquals(List.of("[\"a=b:c\",-5,0.5,null,1,{\"k\":[1]},\"\"]"), List.copyOf(row.values()));
    assertEquals(true, output(answers.get(1), 0).get("dryRun"));
    assertEquals(false, output(answers.get(2), 0).get("dryRun"));
    assertRefused(answers.get(3), 1, "syntax error");
    assertEquals(List.of(Map.of("n", 2L)), output(answers.get(4), 0).get("rows"));
    assertFalse(answers.get(5).get("exitCode").equals(0L));
  }

  @Test
  void bytesThatAreNoText() {
    byte[] bad = (request("write", "SELECT 'x'") + "\n").getBytes(StandardCharsets.UTF_8);
    bad[bad.length - 5] = (byte) 0xff;
    Running batch = Cli.start("batch");
    try (batch) {
      batch.give(bad);
      batch.say("");
      batch.say("{\"backup\":[\"" + db + "\",\"-\"]}");
      batch.say(request("write", ADD));
      batch.closeInput();
      List<Map<String, Object>> answers = answers(batch.await().exits(0).out());
      assertRefused(answers.get(0), 2, "not UTF-8");
      byte[] copy = Base64.getDecoder().decode(String.valueOf(answers.get(1).get("base64")));
      assertTrue(new String(copy, StandardCharsets.ISO_8859_1).startsWith("SQLite format 3"));
      assertEquals(0L, answers.get(2).get("exitCode"));
      assertEquals(3, answers.size(), "an empty line is no request");
    }
  }

  @Test
  void refusesWhatUsesTheStreamsItself() {
    List<Map<String, Object>> answers =
        ask(
            "{\"shell\":\"" + db + "\"}",
            "{\"with-lock\":[\"" + db + "\",\"cat\"]}",
            "{\"batch\":[]}",
            "{\"inspect-lock\":\"" + db + "\",\"watch\":true}");
    assertRefused(answers.get(0), 2, "shell cannot be a request");
    assertRefused(answers.get(1), 2, "with-lock cannot be a request");
    assertRefused(answers.get(2), 2, "batch cannot be a request");
    assertRefused(answers.get(3), 2, "--watch");
  }

  @Test
  void nothingIsLostBetweenProcesses() {
    int each = Cli.LONG ? 200 : 50;
    String requests =
        String.join("\n", Collections.nCopies(each, request("write", ADD, "\"wait\":\"5m\"")));
    List<Running> running = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      Running batch = Cli.start("batch");
      batch.say(requests);
      batch.closeInput();
      running.add(batch);
    }
    for (Running batch : running) {
      for (Map<String, Object> answer : answers(batch.await().exits(0).out())) {
        assertEquals(0L, answer.get("exitCode"), answer::toString);
      }
    }
    assertEquals(16L * each, Db.integer(db, "SELECT n FROM counter"));
    Db.assertNoLeftovers(db);
  }

  /** Each write has the lock's token in its answer. */
  @Test
  void theLockIsHandedOnToTheNextWriteOnly() {
    List<String> requests = new ArrayList<>(Collections.nCopies(40, request("write", ADD)));
    requests.add("{\"inspect-lock\":\"" + db + "\"}");
    requests.add(request("write", "UPDATE conter SET n = 0"));
    requests.add(request("write", ADD, "\"wait\":\"soon\""));
    requests.add("{\"inspect-lock\":\"" + db + "\"}");
    List<Map<String, Object>> answers = ask(requests.toArray(String[]::new));
    Set<Object> tokens = new HashSet<>();
    for (Map<String, Object> answer : answers.subList(0, 40)) {
      tokens.add(((Map<?, ?>) output(answer, 0).get("lock")).get("token"));
    }
    assertTrue(tokens.size() < 40, "no two writes had the same lock");
    assertEquals("free", output(answers.get(40), 0).get("verdict"));
    assertEquals("free", output(answers.get(43), 0).get("verdict"));
    assertEquals(40, Db.integer(db, "SELECT n FROM counter"));
    Db.assertNoLeftovers(db);
  }

  @Test
  void aStreamOfRequestsLetsOthersIn() throws InterruptedException {
    AtomicBoolean enough = new AtomicBoolean();
    AtomicInteger given = new AtomicInteger();
    try (Running batch = Cli.start("batch")) {
      Thread stream =
          new Thread(
              () -> {
                while (!enough.get() && batch.isAlive()) {
                  batch.say(request("write", ADD));
                  given.incrementAndGet();
                }
                batch.closeInput();
              });
      stream.start();
      batch.awaitOut("\"request\":5,");
      Cli.run("write", db, "--wait", "20s", "UPDATE counter SET n = n + 1000000").exits(0);
      Cli.run("write", db, "--wait", "20s", "UPDATE counter SET n = n + 1000000").exits(0);
      assertTrue(stream.isAlive(), "the stream had ended before");
      enough.set(true);
      stream.join();
      assertEquals(given.get(), answers(batch.await().exits(0).out()).size());
    }
    assertEquals(2_000_000 + given.get(), Db.integer(db, "SELECT n FROM counter"));
    Db.assertNoLeftovers(db);
  }

  /** Its lock must not lie idle while it waits for somebody to take the answer. */
  @Test
  void answersThatNobodyReadsKeepNobodyOut() throws IOException {
    Path requests = directory.resolve("requests");
    Path door = directory.resolve("door");
    Program.of("mkfifo", door).run().exits(0);
    String big = request("write", ADD + "; SELECT hex(zeroblob(200000))");
    Files.writeString(requests, (big + "\n").repeat(30));
    String script = "\"$1\" batch <\"$2\" | { read -r go <\"$3\"; cat; }";
    try (Running pipeline =
        Program.of("sh", "-c", script, "sh", Cli.launcher(), requests, door).start()) {
      Await.until("the first commit", () -> Db.integer(db, "SELECT n FROM counter") > 0);
      Cli.run("write", db, "--wait", "20s", ADD).exits(0);
      assertTrue(Db.integer(db, "SELECT n FROM counter") < 31, "an answer was taken");
      Program.of("sh", "-c", "echo >\"$1\"", "sh", door).run().exits(0);
      assertEquals(30, answers(pipeline.await().exits(0).out()).size());
    }
    assertEquals(31, Db.integer(db, "SELECT n FROM counter"));
    Db.assertNoLeftovers(db);
  }

  @Test
  void killedAmongOthers() {
    int each = Cli.LONG ? 300 : 40;
    String requests =
        String.join("\n", Collections.nCopies(each, request("write", ADD, "\"wait\":\"5m\"")));
    List<Running> running = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Running batch = Cli.start("batch");
      batch.say(requests);
      batch.closeInput();
      running.add(batch);
    }
    running.get(0).awaitOut("\"request\":5,");
    long acknowledged = running.get(0).kill().out().lines().filter(l -> l.endsWith("}")).count();
    long unanswered = each - acknowledged;
    for (Running batch : running.subList(1, 3)) {
      for (Map<String, Object> answer : answers(batch.await().exits(0).out())) {
        assertEquals(0L, answer.get("exitCode"), answer::toString);
        acknowledged++;
      }
    }
    Cli.run("write", db, ADD).exits(0);
    // Some more may have been committed together, and not yet answered.
    long counted = Db.integer(db, "SELECT n FROM counter") - 1;
    assertTrue(
        counted >= acknowledged && counted <= acknowledged + unanswered,
        counted + " counted, " + acknowledged + " acknowledged");
    Db.assertSound(db);
  }

  @Test
  void sigtermBetweenRequests() {
    try (Running batch = Cli.start("batch")) {
      batch.say(request("write", ADD));
      batch.awaitOut("\"request\":1");
      batch.signal("TERM");
      Result result = batch.await().exits(143).says("interrupted after 1 answer");
      assertEquals(1, answers(result.out()).size());
    }
    Db.assertNoLeftovers(db);
  }

  @Test
  void sigtermDuringARequest() {
    try (Running batch = Cli.start("batch")) {
      batch.say(
          request(
              "write",
              ADD
                  + "; WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r) SELECT max(i)"
                  + " FROM r"));
      batch.say(request("write", ADD));
      Await.until("the lock", () -> Files.exists(Db.sibling(db, ".lock")));
      batch.signal("TERM");
      List<Map<String, Object>> answers = answers(batch.await().exits(143).out());
      assertEquals(1, answers.size(), "the second is not begun");
      assertRefused(answers.get(0), 143, "interrupted");
    }
    assertEquals(0, Db.integer(db, "SELECT n FROM counter"));
    Db.assertNoLeftovers(db);
  }
}
