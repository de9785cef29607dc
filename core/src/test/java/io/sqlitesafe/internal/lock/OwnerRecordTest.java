package io.sqlitesafe.internal.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnerRecordTest {
  private static @Nullable OwnerRecord parse(String json) {
    return OwnerRecord.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsWhatItWrites(@TempDir Path scratch) throws Exception {
    LockToken token = LockLab.token('a');
    OwnerRecord record = new LockLab(scratch).record(token, LockLab.process(7, "s"));
    assertEquals(record, OwnerRecord.parse(record.toJson()));
    OwnerRecord working = record.withWorker(new OwnerRecord.Worker(8, "w"));
    assertEquals(working, OwnerRecord.parse(working.toJson()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "7", "[[{}]]", "{\"pid\":\"8\"}", "{\"pid\":0,\"x\":{}}"})
  void aWorkerThatCannotBeUnderstoodIsStillThere(String worker) {
    OwnerRecord record =
        parse("{\"ownerId\":\"h:1:x\",\"worker\":" + worker + ",\"command\":\"c\"}");
    assertNotNull(record);
    assertEquals(new OwnerRecord.Worker(0, null), record.worker());
    assertEquals("c", record.command());
    OwnerRecord none = parse("{\"ownerId\":\"h:1:x\",\"worker\":null}");
    assertNotNull(none);
    assertNull(none.worker());
  }

  @Test
  void skipsUnknownMembersOfAnyShape() {
    OwnerRecord record =
        parse(
            "{\"x\":{\"ownerId\":\"no\",\"y\":[1,{}]},\"ownerId\":\"h:1:"
                + LockLab.token('a')
                + "\",\"process\":{\"pid\":5,\"z\":[[]],\"hostname\":\"h\"},\"later\":null}");
    assertNotNull(record);
    assertEquals(LockLab.token('a'), record.token());
    assertEquals(5, record.process().pid());
  }

  @Test
  void membersOutOfRangeCountAsAbsent() {
    OwnerRecord record =
        parse(
            "{\"ownerId\":\"h:1:x\",\"heartbeatIntervalMs\":999,\"staleAfterMs\":99999999999999999999,"
                + "\"process\":{\"pid\":-3,\"hostname\":7}}");
    assertNotNull(record);
    assertEquals(Duration.ofSeconds(10), record.heartbeatInterval());
    assertEquals(Duration.ofSeconds(120), record.staleAfter());
    assertEquals(0, record.process().pid());
    assertNull(record.token());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"ownerId\":7}",
        "{\"ownerId\":\"a\"",
        "\u0000\u0001",
        "{]"
      })
  void whatIsNoRecordIsMissing(String json) {
    assertNull(parse(json));
  }

  @Test
  void aDeeplyNestedOneDoesNotOverflow() {
    assertNull(parse("{\"a\":" + "[".repeat(60_000)));
  }

  @Test
  void aLongOneIsMissing() {
    String padding = " ".repeat(OwnerRecord.MAX_BYTES);
    assertNull(parse("{\"ownerId\":\"h:1:x\"}" + padding));
  }

  @Test
  void whatATerminalWouldObeyIsNotPrinted() {
    String shown = Holder.printable("a\u001b[31mb\u202ec\u0007d\r\ne\u009bf");
    assertEquals("a?[31mb?c?d??e?f", shown);
    assertFalse(Holder.printable("x".repeat(1000)).length() > 100);
  }
}
