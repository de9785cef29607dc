package io.sqlitesafe.cli.output.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

class JsonPrinterTest {
  /** One list per object: name, raw text, name, raw text. */
  private static List<List<String>> parse(String json) {
    List<List<String>> objects = new ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      List<String> members = new ArrayList<>();
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          members = new ArrayList<>();
          objects.add(members);
        } else if (token == JsonToken.VALUE_STRING) {
          members.add("s:" + parser.getString());
        } else if (token.isScalarValue()) {
          members.add(parser.getString());
        } else if (token == JsonToken.PROPERTY_NAME) {
          members.add(parser.currentName());
        }
      }
    }
    return objects;
  }

  private static void assertNasty(List<List<String>> objects) {
    List<@Nullable Object> expected = Rows.nasty();
    assertEquals(expected.size(), objects.size());
    for (int i = 0; i < expected.size(); i++) {
      List<String> members = objects.get(i);
      Object value = expected.get(i);
      assertEquals("id", members.get(0));
      assertEquals(Rows.NAMES.get(1), members.get(2));
      assertEquals("id:1", members.get(4));
      assertEquals("s:end", members.get(5));
      String found = members.get(3);
      if (value == null) {
        assertEquals("null", found);
      } else if (value instanceof Long) {
        assertEquals(value.toString(), found);
      } else if (value instanceof Double real) {
        assertEquals(real, Double.parseDouble(found));
        assertTrue(found.contains(".") || found.contains("e") || found.contains("E"), found);
      } else if (value instanceof byte[] bytes) {
        assertArrayEquals(bytes, Base64.getDecoder().decode(found.substring(2)));
      } else {
        assertEquals("s:" + value, found);
      }
    }
  }

  @Test
  void everyValueComesBackFromAnArray() {
    String json = Rows.printNasty(RowFormat.JSON);

    assertTrue(json.startsWith("[{") && json.endsWith("}]\n"));
    assertNasty(parse(json));
  }

  @Test
  void everyValueComesBackFromLines() {
    List<String> lines = Rows.printNasty(RowFormat.JSONL).lines().toList();

    assertEquals(Rows.nasty().size(), lines.size(), "one object a line");
    List<List<String>> objects = new ArrayList<>();
    for (String line : lines) {
      objects.addAll(parse(line));
    }
    assertNasty(objects);
  }

  @Test
  void looksLikeThis() {
    String json =
        Rows.print(
            RowFormat.JSON,
            printer -> {
              printer.columns(List.of("a", "b"));
              printer.row(Rows.of(9007199254740993L, Double.POSITIVE_INFINITY));
              printer.row(Rows.of(Double.NaN, new byte[] {1, 2, 3, 4}));
              printer.columns(List.of("none"));
              printer.columns(List.of("c"));
              printer.row(Rows.of("x\ny"));
            });

    assertEquals(
        """
        [{"a":9007199254740993,"b":9e999},
        {"a":null,"b":"AQIDBA=="}]
        []
        [{"c":"x\\ny"}]
        """,
        json);
  }

  @Test
  void linesOfSeveralResultsFollowEachOther() {
    String json =
        Rows.print(
            RowFormat.JSONL,
            printer -> {
              printer.columns(List.of("a"));
              printer.row(Rows.of(1L));
              printer.columns(List.of("b"));
              printer.row(Rows.of(-0.5));
            });

    assertEquals("{\"a\":1}\n{\"b\":-0.5}\n", json);
  }
}
