package io.sqlitesafe.it.kit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The generated part of docs/json.md: the schemas as tables. */
public final class JsonPage {
  private static final List<String> OUTSIDE = List.of("manifest");

  private final StringBuilder text = new StringBuilder();

  private JsonPage() {}

  /** What is printed, then the parts that several have, then files. */
  public static String of(Map<String, Map<String, Object>> definitions, List<String> outputs) {
    JsonPage page = new JsonPage();
    page.text.append("## What is printed\n\n");
    outputs.forEach(name -> page.add(name, definitions.get(name)));
    page.text.append("## Parts\n\n");
    definitions.keySet().stream()
        .filter(name -> !outputs.contains(name) && !OUTSIDE.contains(name))
        .forEach(name -> page.add(name, definitions.get(name)));
    page.text.append("## Files\n\n");
    OUTSIDE.forEach(name -> page.add(name, definitions.get(name)));
    return page.text.toString();
  }

  private void add(String name, Map<String, Object> schema) {
    text.append("### ").append(name).append("\n\n");
    text.append(schema.get("description")).append("\n\n");
    text.append("| member | value | meaning |\n|---|---|---|\n");
    members("", schema);
    text.append('\n');
  }

  private void members(String prefix, Map<String, Object> schema) {
    List<?> required = Schemas.list(schema.getOrDefault("required", List.of()));
    Schemas.map(schema.getOrDefault("properties", Map.of()))
        .forEach(
            (name, member) -> row(prefix + name, Schemas.map(member), required.contains(name)));
  }

  private void row(String path, Map<String, Object> schema, boolean always) {
    text.append("| `").append(path).append("` | ").append(value(schema));
    text.append(always ? "" : ", if any").append(" | ");
    text.append(schema.getOrDefault("description", "")).append(" |\n");
    members(path + ".", schema);
    Object items = schema.get("items");
    if (items != null) {
      members(path + "[].", Schemas.map(items));
    }
    Object others = schema.get("additionalProperties");
    if (others != null) {
      members(path + ".*.", Schemas.map(others));
    }
  }

  private static String value(Map<String, Object> schema) {
    if (schema.containsKey("$ref")) {
      String name = Schemas.target(schema);
      return "[" + name + "](#" + name.toLowerCase(Locale.ROOT).replace(' ', '-') + ")";
    }
    if (schema.containsKey("const")) {
      return "`" + schema.get("const") + "`";
    }
    if (schema.containsKey("enum")) {
      return Schemas.list(schema.get("enum")).stream()
          .map(each -> each == null ? "null" : "`" + each + "`")
          .collect(Collectors.joining(", "));
    }
    if (schema.containsKey("anyOf")) {
      List<String> parts = new ArrayList<>();
      Schemas.list(schema.get("anyOf")).forEach(each -> parts.add(value(Schemas.map(each))));
      return String.join(" or ", parts);
    }
    if (schema.get("type") instanceof List<?> several) {
      return several.stream().map(String::valueOf).collect(Collectors.joining(" or "));
    }
    if ("array".equals(schema.get("type"))) {
      String element = value(Schemas.map(schema.get("items")));
      return element.equals("any") ? "array" : "array of " + element;
    }
    return String.valueOf(schema.getOrDefault("type", "any"));
  }
}
