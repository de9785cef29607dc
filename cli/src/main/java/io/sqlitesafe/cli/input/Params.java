package io.sqlitesafe.cli.input;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The values of {@code --param}: {@code NAME=VALUE} for text, or with a type {@code NAME:int=5},
 * {@code :real}, {@code :text}, {@code :blob=@FILE} or {@code x'00ff'}, {@code :json} (checked,
 * passed as text) and {@code :null} (no value). A {@code :}, {@code @} or {@code $} before the name
 * is ignored.
 *
 * <p>Stateless, so safe for use by any number of threads. Whatever is wrong is a {@link
 * SqliteSafeException} of kind USAGE that names the parameter and what would be right. Must be done
 * before the database is opened, because {@code @FILE} might name it: closing the file would drop
 * SQLite's locks.
 */
public final class Params {
  private static final Pattern SPEC =
      Pattern.compile(
          "(?<sigil>[:@$])?(?<name>[\\p{L}\\p{M}\\p{N}_$]+)(?::(?<type>[^=:]*))?(?:=(?<value>.*))?",
          Pattern.DOTALL);
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern REAL =
      Pattern.compile("[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");
  private static final Pattern HEX_BLOB = Pattern.compile("[xX]'(?<hex>[0-9a-fA-F]*)'");

  /** SQLite's own limit for a value. */
  private static final int MAX_BLOB = 1_000_000_000;

  private static final String FORMS =
      "write NAME=VALUE for text, or NAME:int=5, NAME:real=0.5, NAME:text=…, NAME:blob=@FILE,"
          + " NAME:blob=x'00ff', NAME:json={…}, NAME:null";

  private Params() {}

  /** The files that {@code :blob=@FILE} names. */
  public static List<Path> files(List<String> specs) {
    return specs.stream()
        .map(SPEC::matcher)
        .filter(parts -> parts.matches() && "blob".equals(parts.group("type")))
        .map(parts -> String.valueOf(parts.group("value")))
        .filter(value -> value.startsWith("@"))
        .map(value -> Path.of(value.substring(1)))
        .toList();
  }

  /**
   * Parses the arguments of all {@code --param} options.
   *
   * @return names without the sigil and their values: null, Long, Double, String or byte[]; in the
   *     order given
   */
  public static Map<String, @Nullable Object> parse(List<String> specs) {
    Map<String, @Nullable Object> params = new LinkedHashMap<>();
    for (String spec : specs) {
      Matcher parts = SPEC.matcher(spec);
      if (!parts.matches()) {
        throw bad(nameOf(spec), "it is not of the form NAME=VALUE or NAME:TYPE=VALUE", FORMS);
      }
      String name = parts.group("name");
      if (params.containsKey(name)) {
        throw bad(name, "it is given twice", "give each parameter once");
      }
      params.put(name, value(name, parts.group("type"), parts.group("value")));
    }
    return params;
  }

  private static @Nullable Object value(
      String name, @Nullable String type, @Nullable String value) {
    String kind = type == null ? "text" : type.toLowerCase(Locale.ROOT);
    if (kind.equals("null")) {
      if (value != null && !value.isEmpty()) {
        throw bad(name, "NULL has no value, but one is given", "write " + name + ":null");
      }
      return null;
    }
    if (!List.of("text", "int", "real", "json", "blob").contains(kind)) {
      throw bad(name, "there is no type \"" + shown(kind) + "\"", FORMS);
    }
    if (value == null) {
      throw bad(name, "it has no value", FORMS);
    }
    if (JsonText.hasLoneSurrogate(value)) {
      throw bad(name, "its text is not valid Unicode", "check the locale's character encoding");
    }
    return switch (kind) {
      case "int" -> integer(name, value);
      case "real" -> real(name, value);
      case "json" -> json(name, value);
      case "blob" -> blob(name, value);
      default -> value;
    };
  }

  private static Long integer(String name, String value) {
    if (!INTEGER.matcher(value).matches()) {
      throw bad(
          name,
          "\"" + shown(value) + "\" is not an integer",
          "write digits only, like " + name + ":int=-5; for fractions use :real");
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw bad(
          name,
          shown(value) + " does not fit into 64 bits",
          "SQLite's integers end at 9223372036854775807; pass larger ones as text or :real");
    }
  }

  private static Double real(String name, String value) {
    if (!REAL.matcher(value).matches()) {
      throw bad(
          name,
          "\"" + shown(value) + "\" is not a number",
          "write it like " + name + ":real=0.5 or " + name + ":real=-1e-3");
    }
    return Double.parseDouble(value);
  }

  private static String json(String name, String value) {
    String hint = "write it like " + name + ":json={\"a\":[1,2]}, in quotes for your shell";
    try {
      if (JsonText.isOneValue(value)) {
        return value;
      }
      throw bad(name, "it is not exactly one JSON value", hint);
    } catch (JacksonException e) {
      throw bad(name, "it is not valid JSON: " + e.getOriginalMessage(), hint);
    }
  }

  private static byte[] blob(String name, String value) {
    Matcher hex = HEX_BLOB.matcher(value);
    if (hex.matches() && hex.group("hex").length() % 2 == 0) {
      return HexFormat.of().parseHex(hex.group("hex"));
    }
    if (value.startsWith("@") && value.length() > 1) {
      return content(name, value.substring(1));
    }
    throw bad(
        name,
        "\"" + shown(value) + "\" is neither @FILE nor pairs of hex digits in x'…'",
        "write " + name + ":blob=@FILE, or " + name + ":blob=x'00ff' in quotes for your shell");
  }

  private static byte[] content(String name, String file) {
    String hint = "give the path of a readable file after the @";
    try {
      Path path = Path.of(file);
      if (Files.isDirectory(path)) {
        throw bad(name, file + " is a directory", hint);
      }
      requireStorable(name, file, Files.size(path));
      byte[] bytes;
      try (InputStream in = Files.newInputStream(path)) {
        bytes = in.readNBytes(MAX_BLOB + 1);
      }
      // again, because the size of a pipe is not known before it was read
      requireStorable(name, file, bytes.length);
      return bytes;
    } catch (NoSuchFileException | InvalidPathException e) {
      throw bad(name, "there is no file " + file, hint);
    } catch (IOException e) {
      throw bad(name, "cannot read " + file + ": " + e.getMessage(), hint);
    }
  }

  private static void requireStorable(String name, String file, long bytes) {
    if (bytes > MAX_BLOB) {
      throw bad(
          name,
          file + " is larger than " + MAX_BLOB + " bytes, which is SQLite's limit for a value",
          "store it in pieces, or store its path");
    }
  }

  /** What stands before the value, which may be secret. */
  private static String nameOf(String spec) {
    int equals = spec.indexOf('=');
    return "\"" + shown(equals < 0 ? spec : spec.substring(0, equals)) + "\"";
  }

  private static String shown(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private static SqliteSafeException bad(String name, String what, String hint) {
    return new SqliteSafeException(
            ErrorKind.USAGE, "parameter " + name + " is wrong: " + what, hint)
        .with("parameter", name);
  }
}
