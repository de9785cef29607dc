package io.sqlitesafe.cli.input;

import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/** JSON as text: checked, or without its blanks. Stateless. */
public final class JsonText {
  private static final JsonFactory PLAIN = new JsonFactory();

  /** Up to which length texts share a factory, and with it its table of names. */
  private static final int SHORT = 1 << 16;

  private static final JsonFactory FOR_SHORT = factory(SHORT);

  private JsonText() {}

  /** A parser of a text that is there as a whole. */
  public static JsonParser parser(String text) {
    JsonFactory factory = text.length() <= SHORT ? FOR_SHORT : factory(text.length());
    return factory.createParser(ObjectReadContext.empty(), text);
  }

  /** A factory for parsers that leave their reader open and take values of the given length. */
  public static JsonFactory factory(int maxChars) {
    return JsonFactory.builder()
        .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
        .streamReadConstraints(
            StreamReadConstraints.builder().maxStringLength(maxChars).maxNumberLength(5000).build())
        .build();
  }

  /**
   * Checks that the text is one JSON value and nothing else.
   *
   * @throws tools.jackson.core.JacksonException if it is not
   */
  public static boolean isOneValue(String text) {
    try (JsonParser parser = parser(text)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    }
  }

  /** The value that the parser stands at, without blanks; its numbers keep every digit. */
  public static String compact(JsonParser parser) {
    StringWriter text = new StringWriter();
    try (JsonGenerator copy = PLAIN.createGenerator(ObjectWriteContext.empty(), text)) {
      int depth = 0;
      JsonToken token = parser.currentToken();
      while (token != null) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        copy(parser, token, copy);
        token = depth == 0 ? null : parser.nextToken();
      }
    }
    return text.toString();
  }

  private static void copy(JsonParser parser, JsonToken token, JsonGenerator copy) {
    switch (token) {
      case START_OBJECT -> copy.writeStartObject();
      case END_OBJECT -> copy.writeEndObject();
      case START_ARRAY -> copy.writeStartArray();
      case END_ARRAY -> copy.writeEndArray();
      case PROPERTY_NAME -> copy.writeName(parser.currentName());
      case VALUE_STRING -> copy.writeString(parser.getString());
      default -> copy.writeRawValue(parser.getString());
    }
  }

  /** Half a surrogate pair, which JSON can spell but no database can hold. */
  public static boolean hasLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          return true;
        }
        i++;
      }
    }
    return false;
  }
}
