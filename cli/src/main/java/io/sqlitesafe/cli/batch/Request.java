package io.sqlitesafe.cli.batch;

import io.sqlitesafe.cli.input.JsonText;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * One line of a batch, as the command line that it stands for. The first member names the command
 * and gives its arguments, every other one is an option:
 *
 * <pre>{"write":["app.db","INSERT INTO log VALUES(:line)"],"param":{"line":"x"},"wait":"5m"}</pre>
 *
 * is {@code write --param=line:text=x --wait=5m --json -- app.db 'INSERT INTO log VALUES(:line)'}.
 *
 * @param words the command line, without the program's name
 * @param stdin what the command reads from standard input
 * @param sharing what writes that are committed together must have in common; null = this is none
 */
record Request(List<String> words, String stdin, @Nullable List<String> sharing) {
  private static final Pattern COMMAND = Pattern.compile("[a-z][a-z-]*( [a-z][a-z-]*)?");
  private static final Pattern OPTION = Pattern.compile("[a-z][a-z-]+");
  private static final String FORM =
      "a request is like {\"write\":[\"app.db\",\"DELETE FROM log\"],\"wait\":\"5m\"}";

  /** Whether both write to the database of one name. */
  static boolean writeAlike(@Nullable Request a, @Nullable Request b) {
    return a != null && b != null && a.isWrite() && b.isWrite() && a.first().equals(b.first());
  }

  /** Whether both may be committed together. */
  static boolean share(@Nullable Request a, @Nullable Request b) {
    return writeAlike(a, b)
        && a != null
        && b != null
        && a.sharing != null
        && a.sharing.equals(b.sharing);
  }

  /**
   * Whether it may run while the lock and the connection of an earlier write are kept. Others may
   * want the lock for themselves, refuse a file that is open, or read a file that turns out to be
   * the database: closing it would drop SQLite's locks of the connection.
   */
  boolean goesWithKept() {
    return (isWrite() || words.get(0).equals("read")) && !Grouping.mayReadFiles(words);
  }

  private boolean isWrite() {
    return words.get(0).equals("write");
  }

  /** The first argument. */
  private String first() {
    int index = words.indexOf("--") + 1;
    return index < words.size() ? words.get(index) : "";
  }

  /** Parses a line; whatever is wrong with it is a {@link SqliteSafeException} of kind USAGE. */
  static Request parse(String line) {
    try (JsonParser json = JsonText.parser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw bad("it is not a JSON object");
      }
      Request request = members(json);
      if (json.nextToken() != null) {
        throw bad("something follows the object");
      }
      return request;
    } catch (JacksonException e) {
      throw bad("it is not valid JSON: " + e.getOriginalMessage());
    }
  }

  private static Request members(JsonParser json) {
    String command = json.nextName();
    if (command == null || !COMMAND.matcher(command).matches()) {
      throw bad("its first member is not the name of a command");
    }
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    List<String> positional = texts(command, json, json.nextToken());
    String stdin = "";
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      JsonToken token = json.nextToken();
      if (name.equals("stdin")) {
        stdin = text(name, json, token);
      } else if (!OPTION.matcher(name).matches()) {
        throw bad("\"" + name + "\" is not the long name of an option");
      } else if (!name.equals("json") && !name.equals("help")) {
        option(name, json, token, words);
      }
    }
    words.add("--json"); // answers are JSON
    words.add("--");
    words.addAll(positional);
    return new Request(List.copyOf(words), stdin, Grouping.settings(words, stdin));
  }

  private static void option(String name, JsonParser json, JsonToken token, List<String> words) {
    switch (token) {
      case VALUE_TRUE -> words.add("--" + name);
      case VALUE_FALSE, VALUE_NULL -> {
        // as if it were not there
      }
      case START_OBJECT -> {
        for (String key = json.nextName(); key != null; key = json.nextName()) {
          words.add("--" + name + "=" + typed(key, json, json.nextToken()));
        }
      }
      default -> texts(name, json, token).forEach(value -> words.add("--" + name + "=" + value));
    }
  }

  /** A value as {@code --param} takes it. */
  private static String typed(String key, JsonParser json, JsonToken token) {
    return switch (token) {
      case VALUE_NULL -> key + ":null";
      case VALUE_TRUE -> key + ":int=1";
      case VALUE_FALSE -> key + ":int=0";
      case VALUE_NUMBER_INT -> key + ":int=" + json.getString();
      case VALUE_NUMBER_FLOAT -> key + ":real=" + json.getString();
      case VALUE_STRING -> key + ":text=" + json.getString();
      default -> key + ":json=" + JsonText.compact(json);
    };
  }

  /** A text or a number, or several. */
  private static List<String> texts(String name, JsonParser json, JsonToken token) {
    if (token != JsonToken.START_ARRAY) {
      return List.of(text(name, json, token));
    }
    List<String> texts = new ArrayList<>();
    for (JsonToken next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
      texts.add(text(name, json, next));
    }
    return texts;
  }

  private static String text(String name, JsonParser json, JsonToken token) {
    return switch (token) {
      case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> whole(name, json.getString());
      default -> throw bad("the value of \"" + name + "\" is neither text nor a number");
    };
  }

  /** Half a surrogate pair is no character: written as UTF-8 it would become a question mark. */
  private static String whole(String name, String text) {
    if (JsonText.hasLoneSurrogate(text)) {
      throw bad(
          "the text of \"" + name + "\" contains half a surrogate pair, which is no character");
    }
    return text;
  }

  static SqliteSafeException bad(String what) {
    return new SqliteSafeException(ErrorKind.USAGE, "the request cannot be read: " + what, FORM);
  }
}
