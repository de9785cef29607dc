package io.sqlitesafe.it.kit;

import io.sqlitesafe.cli.Cli;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The program's JSON Schema, and whether a value is as it says: as JSON Schema goes, but for one
 * thing. A member that is not described is an error here, so that the schema is complete.
 */
public final class Schemas {
  private static final String PREFIX = "#/$defs/";
  private static final Map<String, Object> ROOT = Json.object(text());
  private static final Map<String, Map<String, Object>> DEFINITIONS = definitions();

  private Schemas() {}

  /** As it was built. */
  public static String text() {
    try (InputStream in = Cli.class.getResourceAsStream("schemas.json")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** By name, in the order of the file. */
  public static Map<String, Map<String, Object>> all() {
    return DEFINITIONS;
  }

  /** The names of what is printed, rather than a part of it. */
  public static List<String> outputs() {
    return list(ROOT.get("anyOf")).stream().map(each -> target(map(each))).toList();
  }

  /** What is wrong with a printed object; empty where nothing is, or where its type is no known. */
  public static List<String> problems(Map<String, Object> printed) {
    List<String> candidates = candidates(printed);
    List<String> least = List.of();
    for (String name : candidates) {
      List<String> problems = problems(name, printed);
      if (problems.isEmpty()) {
        return problems;
      }
      least = least.isEmpty() || problems.size() < least.size() ? problems : least;
    }
    return least;
  }

  /** Whether there is a definition for what has such a type. */
  public static boolean isKnown(Map<String, Object> printed) {
    return !candidates(printed).isEmpty();
  }

  /** What is wrong with a value that is to be as a definition says. */
  public static List<String> problems(String definition, Object value) {
    List<String> problems = new ArrayList<>();
    check(Objects.requireNonNull(DEFINITIONS.get(definition)), value, definition, problems);
    return problems;
  }

  private static List<String> candidates(Map<String, Object> printed) {
    return outputs().stream()
        .filter(name -> constant(name).equals(String.valueOf(printed.get("type"))))
        .toList();
  }

  private static String constant(String name) {
    Object type = map(Objects.requireNonNull(DEFINITIONS.get(name)).get("properties")).get("type");
    return type == null ? "" : String.valueOf(map(type).get("const"));
  }

  private static void check(
      Map<String, Object> schema, Object value, String at, List<String> problems) {
    schema.forEach(
        (keyword, argument) -> {
          switch (keyword) {
            case "description", "additionalProperties" -> {}
            case "$ref" -> problems.addAll(under(at, problems(target(schema), value)));
            case "type" -> expect(isOfType(argument, value), at + ": not " + argument, problems);
            case "const" ->
                expect(
                    argument.equals(value), at + ": not " + argument + " but " + value, problems);
            case "enum" ->
                expect(
                    list(argument).contains(value), at + ": none of the enum: " + value, problems);
            case "anyOf" ->
                expect(
                    list(argument).stream().anyMatch(each -> fits(map(each), value)),
                    at + ": fits none of anyOf: " + value,
                    problems);
            case "required" -> required(list(argument), value, at, problems);
            case "properties" -> members(schema, value, at, problems);
            case "items" -> elements(map(argument), value, at, problems);
            default -> throw new AssertionError("schemas.json: unknown keyword " + keyword);
          }
        });
    if (schema.get("additionalProperties") != null && !schema.containsKey("properties")) {
      members(schema, value, at, problems);
    }
  }

  private static boolean fits(Map<String, Object> schema, Object value) {
    List<String> problems = new ArrayList<>();
    check(schema, value, "", problems);
    return problems.isEmpty();
  }

  private static void required(List<?> names, Object value, String at, List<String> problems) {
    if (value instanceof Map<?, ?> object) {
      names.stream()
          .filter(name -> !object.containsKey(name))
          .forEach(name -> problems.add(at + ": no member " + name));
    }
  }

  private static void members(
      Map<String, Object> schema, Object value, String at, List<String> problems) {
    if (!(value instanceof Map<?, ?> object)) {
      return;
    }
    Map<String, Object> properties = map(schema.getOrDefault("properties", Map.of()));
    Object others = schema.get("additionalProperties");
    object.forEach(
        (name, member) -> {
          Object known = properties.getOrDefault(String.valueOf(name), others);
          if (known == null) {
            problems.add(at + ": undescribed member " + name + " = " + member);
          } else {
            check(map(known), member, at + "." + name, problems);
          }
        });
  }

  private static void elements(
      Map<String, Object> schema, Object value, String at, List<String> problems) {
    if (value instanceof List<?> elements) {
      for (int i = 0; i < elements.size(); i++) {
        check(schema, elements.get(i), at + "[" + i + "]", problems);
      }
    }
  }

  private static boolean isOfType(Object type, Object value) {
    if (type instanceof List<?> several) {
      return several.stream().anyMatch(each -> isOfType(each, value));
    }
    return switch (String.valueOf(type)) {
      case "null" -> value == null;
      case "string" -> value instanceof String;
      case "integer" -> value instanceof Long;
      case "boolean" -> value instanceof Boolean;
      case "array" -> value instanceof List;
      case "object" -> value instanceof Map;
      default -> throw new AssertionError("schemas.json: unknown type " + type);
    };
  }

  private static void expect(boolean holds, String otherwise, List<String> problems) {
    if (!holds) {
      problems.add(otherwise);
    }
  }

  private static List<String> under(String at, List<String> problems) {
    return problems.stream().map(problem -> at + " > " + problem).toList();
  }

  /** The name that a {@code $ref} leads to. */
  public static String target(Map<String, Object> schema) {
    String reference = String.valueOf(schema.get("$ref"));
    return reference.substring(PREFIX.length()).replace("%20", " ");
  }

  private static Map<String, Map<String, Object>> definitions() {
    Map<String, Map<String, Object>> all = new LinkedHashMap<>();
    map(ROOT.get("$defs")).forEach((name, schema) -> all.put(name, map(schema)));
    return all;
  }

  @SuppressWarnings("unchecked")
  public static Map<String, Object> map(Object value) {
    return (Map<String, Object>) Objects.requireNonNull(value);
  }

  public static List<?> list(Object value) {
    return (List<?>) Objects.requireNonNull(value);
  }
}
