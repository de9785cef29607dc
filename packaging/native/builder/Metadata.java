import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Metadata IN DIRECTORY: writes a reachability-metadata.json, the format of today, as the three files that svm 23.0 reads: reflect-config.json, jni-config.json and
 * resource-config.json. To be run with jackson-core on the class path.
 */
final class Metadata {
  private static final JsonFactory JSON = new JsonFactory();

  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createDirectories(Path.of(arguments[1]));
    Map<?, ?> metadata;
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), Files.readString(Path.of(arguments[0])))) {
      parser.nextToken();
      metadata = (Map<?, ?>) read(parser);
    }
    List<Object> reflection = new ArrayList<>();
    List<Object> jni = new ArrayList<>();
    for (Object each : (List<?>) metadata.get("reflection")) {
      Map<Object, Object> entry = new LinkedHashMap<>((Map<?, ?>) each);
      entry.put("name", entry.remove("type"));
      (Boolean.TRUE.equals(entry.remove("jniAccessible")) ? jni : reflection).add(entry);
    }
    List<Object> patterns = new ArrayList<>();
    for (Object each : (List<?>) metadata.get("resources")) {
      String glob = (String) ((Map<?, ?>) each).get("glob");
      patterns.add(Map.of("pattern", "\\Q" + glob.replace("*", "\\E[^/]*\\Q") + "\\E"));
    }
    write(directory.resolve("reflect-config.json"), reflection);
    write(directory.resolve("jni-config.json"), jni);
    write(directory.resolve("resource-config.json"), Map.of("resources", patterns));
  }

  private static Object read(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<Object, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          members.put(name, read(parser));
        }
        yield members;
      }
      case START_ARRAY -> {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(read(parser));
        }
        yield elements;
      }
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> parser.getString();
    };
  }

  private static void write(Path file, Object value) {
    try (JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), file.toFile(), tools.jackson.core.JsonEncoding.UTF8)) {
      write(generator, value);
    }
  }

  private static void write(JsonGenerator generator, Object value) {
    if (value instanceof Map<?, ?> members) {
      generator.writeStartObject();
      members.forEach(
          (name, member) -> {
            generator.writeName((String) name);
            write(generator, member);
          });
      generator.writeEndObject();
    } else if (value instanceof List<?> elements) {
      generator.writeStartArray();
      elements.forEach(element -> write(generator, element));
      generator.writeEndArray();
    } else if (value instanceof Boolean flag) {
      generator.writeBoolean(flag);
    } else {
      generator.writeString((String) value);
    }
  }

  private Metadata() {}
}
