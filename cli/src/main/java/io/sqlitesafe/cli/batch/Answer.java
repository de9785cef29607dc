package io.sqlitesafe.cli.batch;

import io.sqlitesafe.cli.input.JsonText;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.cli.output.text.JsonOutput;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What one request wrote, kept in memory, and the line that it becomes. For one request.
 *
 * <pre>{"type":"answer","request":1,"exitCode":0,"output":[…],"notes":[…]}</pre>
 *
 * <p>{@code output} has the JSON objects that the command printed, as it printed them; what is no
 * JSON is the one member {@code text}, and {@code base64} if it is no text either. An error is the
 * member {@code error}, other lines of standard error are {@code notes}.
 */
final class Answer {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StringWriter err = new StringWriter();
  private @Nullable Console console;

  /** The streams of the request. */
  Console console(String stdin) {
    Console made =
        new Console(
            new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)), out, err, false);
    console = made;
    return made;
  }

  /** Whether the request did something that stays. */
  boolean isDone() {
    Console streams = console;
    return streams != null && streams.whatIsDone() != null;
  }

  /** Adds what the program has to say of it. */
  void note(String message) {
    err.write(JsonOutput.toJson(Map.of("type", "warning", "message", message)));
    err.write('\n');
  }

  /** In bytes or thereabouts. */
  int size() {
    return out.size() + err.getBuffer().length();
  }

  /** The line, with its end. */
  String line(long request, int exitCode) {
    StringBuilder line = new StringBuilder("{\"type\":\"answer\",\"request\":").append(request);
    line.append(",\"exitCode\":").append(exitCode);
    appendOutput(line);
    appendNotes(line);
    return line.append("}\n").toString();
  }

  private void appendOutput(StringBuilder line) {
    String text = text(out.toByteArray());
    if (text == null) {
      appendOne(line, "base64", Base64.getEncoder().encodeToString(out.toByteArray()));
      return;
    }
    List<String> objects = text.lines().toList();
    if (objects.stream().allMatch(Answer::isObject)) {
      line.append(",\"output\":[").append(String.join(",", objects)).append(']');
    } else {
      appendOne(line, "text", text);
    }
  }

  private void appendNotes(StringBuilder line) {
    String error = "";
    List<String> notes = new ArrayList<>();
    for (String written : err.toString().lines().toList()) {
      if (written.startsWith("{\"type\":\"error\",")) {
        error = written;
      } else {
        notes.add(
            isObject(written)
                ? written
                : JsonOutput.toJson(Map.of("type", "note", "message", written)));
      }
    }
    if (!notes.isEmpty()) {
      line.append(",\"notes\":[").append(String.join(",", notes)).append(']');
    }
    if (!error.isEmpty()) {
      line.append(",\"error\":").append(error);
    }
  }

  private static void appendOne(StringBuilder line, String name, String text) {
    String object = JsonOutput.toJson(Map.of(name, text));
    line.append(',').append(object, 1, object.length() - 1);
  }

  /** Null for the bytes of a file, which may happen to be UTF-8. */
  private static @Nullable String text(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c < ' ' && c != '\n' && c != '\t') {
          return null;
        }
      }
      return text;
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static boolean isObject(String text) {
    try {
      return text.startsWith("{") && JsonText.isOneValue(text);
    } catch (JacksonException e) {
      return false;
    }
  }
}
