package io.sqlitesafe.cli;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The trap: Java replaces bytes of an argument that are no UTF-8 by U+FFFD. A file of such a name
 * cannot be named then: another one would be opened, or made. SQL text would be damaged likewise.
 */
final class RawArguments {
  private static final char REPLACEMENT = '\uFFFD';
  private static final Path RAW = Path.of("/proc/self/cmdline");

  private RawArguments() {}

  /** Refuses what Java has not read as it was given. */
  static void requireText(String... args) {
    for (int i = 0; i < args.length; i++) {
      if (args[i].indexOf(REPLACEMENT) >= 0 && !isMeant(args[i])) {
        throw new SqliteSafeException(
            ErrorKind.USAGE,
            "argument " + (i + 1) + " is not valid UTF-8: " + args[i],
            "rename the file, or reach it by a link or from its directory; nothing was touched");
      }
    }
  }

  /** The character may stand there by itself: then the bytes of the command line have it, too. */
  private static boolean isMeant(String argument) {
    try {
      byte[] raw = Files.readAllBytes(RAW);
      int from = 0;
      for (int i = 0; i < raw.length; i++) {
        if (raw[i] == 0) {
          if (isText(ByteBuffer.wrap(raw, from, i - from), argument)) {
            return true;
          }
          from = i + 1;
        }
      }
      return false;
    } catch (IOException notLinux) {
      return false;
    }
  }

  private static boolean isText(ByteBuffer bytes, String argument) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString().equals(argument);
    } catch (CharacterCodingException damaged) {
      return false;
    }
  }
}
