package io.sqlitesafe.cli.input;

import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.io.Reader;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** JSON Lines. Each line is parsed as it is read, none is ever held as a whole. */
final class JsonlRowReader implements RowReader {
  private static final String ONE_OBJECT_A_LINE =
      "each line must be one JSON object, like {\"id\":1,\"name\":\"x\"}";

  private final Line in;
  private final RowErrors errors;
  private final JsonFactory json;
  private long rowLine;

  JsonlRowReader(Reader text, String name, int maxChars) {
    this.errors = new RowErrors(name);
    this.in = new Line(text, errors, maxChars);
    this.json = JsonText.factory(maxChars);
  }

  @Override
  public @Nullable Map<String, @Nullable Object> next() {
    try {
      Map<String, @Nullable Object> row = null;
      while (row == null && in.nextLine()) {
        row = parseLine();
      }
      rowLine = row == null ? rowLine : in.number;
      return row;
    } catch (JacksonException e) {
      if (e.getCause() instanceof IOException io) {
        throw errors.failed(in.number, io);
      }
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw bad(
          "not valid JSON at column " + column + ": " + e.getOriginalMessage(), ONE_OBJECT_A_LINE);
    } catch (IOException e) {
      throw errors.failed(in.number, e);
    }
  }

  /** The row on the present line, which is read to its end; null if it is blank. */
  private @Nullable Map<String, @Nullable Object> parseLine() {
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), in)) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return null;
      }
      if (token != JsonToken.START_OBJECT) {
        throw bad("this is not a JSON object", ONE_OBJECT_A_LINE);
      }
      Map<String, @Nullable Object> row = row(parser);
      if (parser.nextToken() != null) {
        throw bad("something follows the object", ONE_OBJECT_A_LINE);
      }
      return row;
    }
  }

  @Override
  public long lineNumber() {
    return rowLine;
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw errors.failed(in.number, e);
    }
  }

  private Map<String, @Nullable Object> row(JsonParser parser) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      if (row.containsKey(name)) {
        throw bad("the member \"" + name + "\" occurs twice", "give each member its own name");
      }
      errors.requireColumns(row.size() + 1, in.number);
      row.put(name, value(parser, name, parser.nextToken()));
    }
    return row;
  }

  private @Nullable Object value(JsonParser parser, String name, JsonToken token) {
    return switch (token) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> 1L;
      case VALUE_FALSE -> 0L;
      case VALUE_NUMBER_INT -> integer(parser, name);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_STRING -> storable(parser.getString(), name);
      default -> storable(JsonText.compact(parser), name);
    };
  }

  private Long integer(JsonParser parser, String name) {
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw bad(
          "the integer in \"" + name + "\" does not fit into 64 bits",
          "SQLite's integers end at 9223372036854775807; give it as a string, or with a decimal"
              + " point if an approximate value will do");
    }
    return parser.getLongValue();
  }

  private String storable(String text, String name) {
    if (JsonText.hasLoneSurrogate(text)) {
      throw bad(
          "the text in \"" + name + "\" contains half a surrogate pair, which is no character",
          "give characters beyond U+FFFF as two \\u escapes, or as they are");
    }
    return text;
  }

  private SqliteSafeException bad(String what, String hint) {
    return errors.bad(in.number, what, hint);
  }

  /** One line at a time as a reader of its own, which ends at the line's end or over the limit. */
  private static final class Line extends Reader {
    private final Reader text;
    private final RowErrors errors;
    private final int maxChars;
    private final char[] buffer = new char[8192];
    private int position;
    private int filled;
    private long number;
    private long length;
    private boolean ended = true;

    Line(Reader text, RowErrors errors, int maxChars) {
      this.text = text;
      this.errors = errors;
      this.maxChars = maxChars;
    }

    /** Goes to the next line; the one before must have been read to its end. */
    boolean nextLine() throws IOException {
      if (!fill()) {
        return false;
      }
      number++;
      length = 0;
      ended = false;
      return true;
    }

    @Override
    public int read(char[] target, int offset, int wanted) throws IOException {
      if (ended || !fill()) {
        return -1;
      }
      int end = Math.min(filled, position + wanted);
      int at = position;
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      int count = at - position;
      System.arraycopy(buffer, position, target, offset, count);
      ended = at < end;
      position = ended ? at + 1 : at;
      length += count;
      if (length > maxChars) {
        throw errors.tooLong(number, maxChars);
      }
      return count == 0 ? -1 : count;
    }

    private boolean fill() throws IOException {
      if (position == filled) {
        position = 0;
        filled = Math.max(0, text.read(buffer, 0, buffer.length));
      }
      return filled > 0;
    }

    @Override
    public void close() throws IOException {
      text.close();
    }
  }
}
