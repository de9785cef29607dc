package io.sqlitesafe.internal.recover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RecordViewTest {
  /** NULL, 'ab', 300, 1. */
  private static final byte[] ROW = {5, 0, 17, 2, 9, 'a', 'b', 1, 44};

  private final RecordView record = new RecordView();

  @Test
  void aRecordFillsItsBytes() {
    assertTrue(record.parse(ROW, 0, ROW.length));
    assertEquals(4, record.count);
    assertTrue(record.isNull(0));
    assertEquals("ab", new String(record.content(1), java.nio.charset.StandardCharsets.UTF_8));
    assertEquals(300, record.bits(2));
    assertEquals(1, record.bits(3));
    assertFalse(record.parse(ROW, 0, ROW.length - 1));
    assertFalse(record.parse(ROW, 1, ROW.length));
  }

  @Test
  void itsHeadTellsItsLength() {
    byte[] more = java.util.Arrays.copyOf(ROW, 40);
    assertTrue(record.parseByHead(more, 0, more.length));
    assertEquals(4, record.count);
    assertFalse(record.parseByHead(ROW, 0, ROW.length - 1));
  }

  @Test
  void noBytesAreTooOddForIt() {
    java.util.Random random = new java.util.Random(1);
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[random.nextInt(30)];
      random.nextBytes(bytes);
      record.parse(bytes, 0, bytes.length);
      record.parseByHead(bytes, 0, bytes.length);
      record.parse(bytes, 0, bytes.length, random.nextInt(1000));
    }
  }

  @Test
  void aCopyIsItsOwn() {
    byte[] shifted = new byte[ROW.length + 7];
    System.arraycopy(ROW, 0, shifted, 7, ROW.length);
    assertTrue(record.parse(shifted, 7, shifted.length));
    RecordView copy = record.copy();
    java.util.Arrays.fill(shifted, (byte) 0);
    assertEquals(300, copy.bits(2));
    assertEquals(4, copy.count);
  }
}
