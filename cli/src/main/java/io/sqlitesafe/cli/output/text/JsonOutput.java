package io.sqlitesafe.cli.output.text;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes results and errors as one JSON object a line. A value is null, String, Number, Boolean,
 * {@code byte[]} (base64), Map or Collection; anything else is written as its {@code toString()},
 * because an error report must not fail over what it reports. For the same reason half a surrogate
 * pair becomes U+FFFD. Infinities are written as {@code 9e999} and {@code -9e999}, numbers by
 * JSON's grammar which readers take for infinity, and NaN as null.
 *
 * <p>Stateless, so safe for use by any number of threads; each line is a single write. Failures are
 * {@link io.sqlitesafe.error.SqliteSafeException} of kind FAILED.
 */
public final class JsonOutput {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          // an object left open by a failure must look like one
          .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
          .rootValueSeparator("")
          .build();

  private JsonOutput() {}

  /** The object on one line, without a line end. */
  public static String toJson(Map<String, ?> object) {
    StringWriter text = new StringWriter();
    JsonGenerator generator = generator(text);
    writeValue(generator, object);
    generator.flush();
    return text.toString();
  }

  /** Writes the object and a newline, and flushes. */
  public static void writeLine(Writer out, Map<String, ?> object) {
    try {
      out.write(toJson(object) + "\n");
      out.flush();
    } catch (IOException e) {
      throw TextOut.failed(e);
    }
  }

  /** Writes the object and a newline in UTF-8, and flushes. */
  public static void writeLine(OutputStream out, Map<String, ?> object) {
    try {
      out.write((toJson(object) + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw TextOut.failed(e);
    }
  }

  /** A generator that puts nothing between top-level values and leaves {@code out} open. */
  public static JsonGenerator generator(Writer out) {
    return JSON.createGenerator(ObjectWriteContext.empty(), out);
  }

  public static void writeValue(JsonGenerator json, @Nullable Object value) {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof String text) {
      json.writeString(wellFormed(text));
    } else if (value instanceof Number number) {
      writeNumber(json, number);
    } else if (value instanceof Boolean bool) {
      json.writeBoolean(bool);
    } else if (value instanceof byte[] bytes) {
      json.writeBinary(bytes);
    } else if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> member : map.entrySet()) {
        json.writeName(wellFormed(String.valueOf(member.getKey())));
        writeValue(json, member.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof Collection<?> list) {
      json.writeStartArray();
      for (Object element : list) {
        writeValue(json, element);
      }
      json.writeEndArray();
    } else {
      json.writeString(wellFormed(value.toString()));
    }
  }

  private static void writeNumber(JsonGenerator json, Number number) {
    if (number instanceof Double || number instanceof Float) {
      double real = number.doubleValue();
      json.writeNumber(Double.isNaN(real) ? "null" : Values.real(real));
    } else if (number instanceof BigInteger integer) {
      json.writeNumber(integer);
    } else if (number instanceof BigDecimal decimal) {
      json.writeNumber(decimal);
    } else {
      json.writeNumber(number.longValue());
    }
  }

  public static String wellFormed(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          return replaced(text);
        }
        i++;
      }
    }
    return text;
  }

  private static String replaced(String text) {
    StringBuilder well = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .forEach(well::appendCodePoint);
    return well.toString();
  }
}
