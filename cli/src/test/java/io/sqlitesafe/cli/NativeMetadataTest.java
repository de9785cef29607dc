package io.sqlitesafe.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What the native profile is told about reflection, JNI and resources is true of the libraries as
 * they are. (Whether it is enough, only a build with GraalVM can show.)
 */
class NativeMetadataTest {
  private static final String FILE =
      "/META-INF/native-image/io.sqlitesafe/sqlite-safe-cli/reachability-metadata.json";

  /** Fields through which zstd-jni's C code tells how far it has come. */
  private static final Pattern SET_BY_C = Pattern.compile("(src|dst)Pos");

  private static String metadata() throws IOException {
    try (InputStream in = NativeMetadataTest.class.getResourceAsStream(FILE)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The line on each type, as one line has it. */
  private static List<String> entries() throws IOException {
    return metadata().lines().filter(line -> line.contains("{\"type\": ")).toList();
  }

  private static List<String> all(String text, String pattern) {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  @Test
  void typesAndTheirFieldsExist() throws IOException {
    assertFalse(entries().isEmpty());
    for (String entry : entries()) {
      String name = all(entry, "\"type\": \"([^\"]+)\"").get(0);
      Class<?> type = assertDoesNotThrow(() -> Class.forName(name), name);
      int fields = entry.indexOf("\"fields\"");
      if (fields >= 0) {
        for (String field : all(entry.substring(fields), "\"name\": \"([^\"]+)\"")) {
          assertDoesNotThrow(() -> type.getDeclaredField(field), name + "." + field);
        }
      }
    }
  }

  @Test
  void everyFieldThatTheNativeLibrarySetsIsNamed() throws IOException {
    for (Class<?> type :
        List.of(ZstdInputStreamNoFinalizer.class, ZstdOutputStreamNoFinalizer.class)) {
      String entry =
          entries().stream()
              .filter(line -> line.contains('"' + type.getName() + '"'))
              .findFirst()
              .orElse("");
      int seen = 0;
      for (Field field : type.getDeclaredFields()) {
        if (SET_BY_C.matcher(field.getName()).matches()) {
          seen++;
          assertTrue(entry.contains("{\"name\": \"" + field.getName() + "\"}"), field.toString());
        }
      }
      assertTrue(seen > 0, type.getName());
    }
  }

  @Test
  void resourcesExist() throws IOException {
    List<String> exact =
        all(metadata(), "\"glob\": \"([^\"*]+)\"").stream().map(name -> "/" + name).toList();
    assertFalse(exact.isEmpty());
    for (String name : exact) {
      assertNotNull(org.sqlite.JDBC.class.getResource(name), name);
    }
  }
}
