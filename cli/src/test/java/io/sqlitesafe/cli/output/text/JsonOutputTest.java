package io.sqlitesafe.cli.output.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sqlitesafe.cli.output.rows.Rows;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonOutputTest {
  private static String json(@Nullable Object value) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("v", value);
    return JsonOutput.toJson(object);
  }

  @Test
  void writesEveryKindOfValueInOrder() {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("type", "error");
    object.put("exitCode", 11);
    object.put("big", Long.MIN_VALUE);
    object.put("real", 0.1);
    object.put("yes", true);
    object.put("no", null);
    object.put("bytes", new byte[] {-1});
    object.put("list", Arrays.asList(1, "two", null, List.of()));
    object.put("map", Map.of("k", Map.of()));

    assertEquals(
        "{\"type\":\"error\",\"exitCode\":11,\"big\":-9223372036854775808,\"real\":0.1,\"yes\":true,"
            + "\"no\":null,\"bytes\":\"/w==\",\"list\":[1,\"two\",null,[]],\"map\":{\"k\":{}}}",
        JsonOutput.toJson(object));
    assertEquals("{}", JsonOutput.toJson(Map.of()));
  }

  @Test
  void writesNumbersExactly() {
    assertEquals("{\"v\":9e999}", json(Double.POSITIVE_INFINITY));
    assertEquals("{\"v\":-9e999}", json(Float.NEGATIVE_INFINITY));
    assertEquals("{\"v\":null}", json(Double.NaN));
    assertEquals(
        "{\"v\":123456789012345678901234567890}",
        json(new BigInteger("123456789012345678901234567890")));
    assertEquals("{\"v\":1.10}", json(new BigDecimal("1.10")));
    assertEquals("{\"v\":1.0E22}", json(1e22));
  }

  @Test
  void staysOneLineOfValidUnicodeWhateverTheText() {
    assertEquals("{\"v\":\"a\\nb\\u0000\\u001B\\\"\\\\\"}", json("a\nb\0\u001b\"\\"));
    assertEquals("{\"v\":\"\uFFFD\"}", json("\uD83D"));
    assertEquals("{\"v\":\"x\uFFFD\uFFFDy😀\uFFFD\"}", json("x\uDE00\uD83Dy😀\uD83D"));
    assertEquals("{\"\uFFFD\":1}", JsonOutput.toJson(Map.of("\uD800", 1)));
  }

  @Test
  void doesNotFailOverAValueOfAnotherType() {
    assertEquals("{\"v\":\"USAGE\"}", json(ErrorKind.USAGE));
    assertEquals("{\"v\":\"x\uFFFD\"}", json(java.nio.CharBuffer.wrap("x\uD800")));
  }

  @Test
  void endsEachObjectWithANewline() {
    StringWriter text = new StringWriter();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < 2; i++) {
      JsonOutput.writeLine(text, Map.of("ä", i));
      JsonOutput.writeLine(bytes, Map.of("ä", i));
    }

    assertEquals("{\"ä\":0}\n{\"ä\":1}\n", text.toString());
    assertEquals(text.toString(), bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void reportsAFailingTarget() {
    SqliteSafeException e =
        assertThrows(
            SqliteSafeException.class,
            () -> JsonOutput.writeLine(Rows.failingAfter(3), Map.of("a", "long enough")));
    assertEquals(ErrorKind.FAILED, e.kind());

    OutputStream closed = OutputStream.nullOutputStream();
    assertThrows(
        SqliteSafeException.class,
        () -> {
          closed.close();
          JsonOutput.writeLine(closed, Map.of("a", 1));
        });
  }
}
