package io.sqlitesafe.internal.file;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.snapshot.Compression;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a user wrote as the destination, with its placeholders filled in.
 *
 * @param path where to, symbolic links not yet resolved
 * @param named false where the name was made up: other backups of the same source lie beside it
 */
public record NamePattern(Path path, boolean named) {
  /** Names in a directory that was given as the destination. */
  public static final String DEFAULT_PATTERN = "{name}-{utc}.sqlite";

  private static final String DEFAULT_TIME = "yyyyMMdd'T'HHmmss'Z'";
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}:]*)(:[^{}]*)?}");
  private static final Pattern UNFINISHED = Pattern.compile("\\{(name|file|utc)\\b");

  /**
   * Reads it.
   *
   * @param text a file; a directory, if it is one or its name ends in a slash; or a pattern: {@code
   *     {name}} is the source's name without its extension, {@code {file}} with it, {@code
   *     {utc:FORMAT}} the time in UTC by {@link DateTimeFormatter}'s letters
   * @param compression whose suffix made-up names get
   * @throws SqliteSafeException {@link ErrorKind#USAGE} where a placeholder is none of these
   */
  public static NamePattern of(
      String text, LockPaths source, Instant now, Compression compression) {
    Expansion expansion = new Expansion(source, now, text);
    if (Files.isDirectory(path(text))) { // by that very name: it may have braces
      return new NamePattern(path(text).resolve(expansion.inDirectory(compression)), false);
    }
    String name = expansion.of(text);
    boolean directory = name.endsWith("/") || name.endsWith(File.separator);
    if (directory || Files.isDirectory(path(name))) {
      return new NamePattern(path(name).resolve(expansion.inDirectory(compression)), false);
    }
    boolean made = PLACEHOLDER.matcher(text).find();
    return new NamePattern(path(made ? suffixed(name, compression) : name), !made);
  }

  private static String suffixed(String name, Compression compression) {
    String suffix = compression.suffix();
    return name.toLowerCase(Locale.ROOT).endsWith(suffix) ? name : name + suffix;
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new SqliteSafeException(ErrorKind.USAGE, "not a file name: " + e.getMessage(), null, e);
    }
  }

  private record Expansion(LockPaths source, Instant now, String text) {
    String inDirectory(Compression compression) {
      return suffixed(of(DEFAULT_PATTERN), compression);
    }

    String of(String pattern) {
      String rest = PLACEHOLDER.matcher(pattern).replaceAll("");
      if (UNFINISHED.matcher(rest).find()) {
        throw wrong("a placeholder is not closed", null);
      }
      return PLACEHOLDER
          .matcher(pattern)
          .replaceAll(found -> Matcher.quoteReplacement(value(found.group(1), found.group(2))));
    }

    private String value(String placeholder, @Nullable String argument) {
      String file = String.valueOf(source.database().getFileName());

      if (argument == null && placeholder.equals("file")) {
        return file;
      }
      if (argument == null && placeholder.equals("name")) {
        int dot = file.lastIndexOf('.');
        return dot > 0 ? file.substring(0, dot) : file;
      }
      if (placeholder.equals("utc")) {
        return time(argument == null ? DEFAULT_TIME : argument.substring(1));
      }
      throw wrong(
          "{" + placeholder + (argument == null ? "" : argument) + "} is no placeholder", null);
    }

    private String time(String format) {
      if (format.isEmpty() || format.indexOf('%') >= 0) {
        throw wrong("{utc:" + format + "} is not a time format", null);
      }
      try {
        return DateTimeFormatter.ofPattern(format, Locale.ROOT)
            .format(now.atOffset(ZoneOffset.UTC));
      } catch (IllegalArgumentException | DateTimeException e) {
        throw wrong("{utc:" + format + "} is not a time format (" + e.getMessage() + ")", e);
      }
    }

    private SqliteSafeException wrong(String what, @Nullable RuntimeException cause) {
      return new SqliteSafeException(
          ErrorKind.USAGE,
          what + ", in the destination " + text,
          "the placeholders are {name}, {file}, {utc} and {utc:FORMAT}, for example"
              + " {utc:yyyyMMdd'T'HHmmss'Z'}",
          cause);
    }
  }
}
