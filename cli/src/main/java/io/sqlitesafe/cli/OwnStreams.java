package io.sqlitesafe.cli;

import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.snapshot.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParseResult;

/**
 * Standard output and standard error, where a shell has led them into a file: by {@code >> app.db}
 * they would be written into the database, by {@code >> in.cs} into what is still being read. The
 * same rule as {@link OutputRule} has for files that are named; to another database or a manifest
 * no report is appended either. Stateless.
 */
final class OwnStreams {
  /** What a command reads or works on; {@link OutputRule} looks after what it writes. */
  private static final Set<String> READ =
      Set.of("--db", "--file", "--rows", "--since", "--using", "BACKUP", "DB", "DIR|DB", "FILE");

  private OwnStreams() {}

  private static Path descriptor(int number) {
    return Path.of("/proc/self/fd/" + number);
  }

  /**
   * Refuses a command whose report would end up in one of its files.
   *
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE}
   */
  static void requireHarmless(ParseResult arguments, Console console) {
    Path out = file(1);
    Path err = file(2);
    if (out == null && err == null) {
      return;
    }
    OutputRule rule = new OutputRule();
    arguments.matchedOptions().forEach(option -> guard(rule, option, option.longestName()));
    arguments.matchedPositionals().forEach(each -> guard(rule, each, each.paramLabel()));
    String output = out == null ? null : rule.objectionToAppending(out);
    String error = err == null ? null : rule.objectionToAppending(err);
    if (error != null) {
      console.leaveStandardError(output == null);
    }
    if (output != null || error != null) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          output != null ? "standard output " + output : "standard error " + error,
          "send it elsewhere; nothing was done (but the shell has emptied a file that stands behind"
              + " \">\")");
    }
  }

  private static void guard(OutputRule rule, ArgSpec argument, String name) {
    if (!READ.contains(name)) {
      return;
    }
    Object value = argument.getValue();
    for (Object each :
        value instanceof Collection<?> many ? many : List.of(String.valueOf(value))) {
      try {
        Path file = Path.of(String.valueOf(each));
        if (CommonOptions.DATABASE.equals(name)) {
          rule.database(file, "the database");
        } else {
          rule.file(file, String.valueOf(each));
        }
        Path manifest = Manifest.pathFor(file);
        rule.file(manifest, String.valueOf(manifest));
      } catch (InvalidPathException noFile) {
        // its reader says so
      }
    }
  }

  /** Null where it is no regular file. */
  private static @Nullable Path file(int number) {
    try {
      return Files.isRegularFile(descriptor(number))
          ? Files.readSymbolicLink(descriptor(number))
          : null;
    } catch (IOException unknown) {
      return null;
    }
  }
}
