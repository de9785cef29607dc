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
 * Arguments that are no UTF-8. Java has put a replacement character in place of each byte that it
 * could not read, so that a name would mean another file, and SQL would store another text.
 */
final class NotText {
  static final char REPLACEMENT = '\uFFFD';

  private NotText() {}

  /**
   * Refuses one that holds it.
   *
   * @throws SqliteSafeException {@link ErrorKind#USAGE}
   */
  static void refuse(String arg) {
    if (!isMeant()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "an argument is not valid UTF-8: " + arg,
          "rename the file, or give SQL and values by a file or standard input in UTF-8");
    }
  }

  /** The character itself may have been given, too. */
  private static boolean isMeant() {
    try {
      byte[] given = Files.readAllBytes(Path.of("/proc/self/cmdline"));
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(given)).hasRemaining();
    } catch (CharacterCodingException notText) {
      return false;
    } catch (IOException notLinux) {
      return true;
    }
  }
}
