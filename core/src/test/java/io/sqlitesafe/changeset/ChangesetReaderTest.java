package io.sqlitesafe.changeset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChangesetReaderTest {
  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  @Test
  void noBytesAreNoChanges() {
    try (ChangesetReader reader = ChangesetReader.of(new byte[0], "empty")) {
      assertNull(reader.next());
      assertNull(reader.format());
    }
  }

  /** What is wrong, and where; the same from a file of known size and from a pipe. */
  @ParameterizedTest
  @CsvSource({
    "00, 0, neither a table nor a change",
    "12 00 05, 0, before any table",
    "54, 1, it ends inside the number of columns",
    "54 01, 2, it ends inside a table header",
    "54 01 00 74 00, 0, no primary key",
    "54 00 74 00, 0, no primary key",
    "54 01 01 74, 4, it ends inside a table name",
    "54 01 01 c3 00, 0, not UTF-8",
    "54 82 80 80 80 00 01, 1, the number of columns is 536870912",
    "54 ff ff ff ff ff ff ff ff ff 01, 1, the number of columns is 18446744073709551615",
    "54 01 01 74 00 12 00, 7, it ends inside a value",
    "54 01 01 74 00 12 00 06, 7, unknown type 6",
    "54 01 01 74 00 12 00 00, 7, a value is undefined",
    "54 01 01 74 00 12 00 01 00 00, 10, it ends inside a value",
    "54 01 01 74 00 12 00 03 05 61, 10, it ends inside a text of 5 bytes",
    "54 01 01 74 00 12 00 04 87 ff ff ff 00, 13, it ends inside a blob of 2147483520 bytes",
    "54 01 01 74 00 12 00 04 8f ff ff ff 7f, 8, the length of a value is 4294967295",
    "54 02 01 00 74 00 17 00 01 0000000000000001 01 0000000000000002 00, 27, it ends inside a value",
    "54 01 01 74 00 12 00 05 50 01 01 75 00, 8, a patchset begins inside a changeset",
  })
  void saysWhatIsWrongAndWhere(String hex, long offset, String what) {
    SqliteSafeException known = failure(ChangesetReader.of(bytes(hex), "known"));
    SqliteSafeException piped =
        failure(ChangesetReader.of(new ByteArrayInputStream(bytes(hex)), "piped"));
    for (SqliteSafeException e : new SqliteSafeException[] {known, piped}) {
      assertEquals(ErrorKind.DAMAGED, e.kind(), e::getMessage);
      assertTrue(String.valueOf(e.getMessage()).contains(what), e::getMessage);
      assertEquals(offset, e.details().get("offset"), e::getMessage);
    }
  }

  private static SqliteSafeException failure(ChangesetReader reader) {
    try (reader) {
      return assertThrows(
          SqliteSafeException.class,
          () -> {
            while (reader.next() != null) {}
          });
    }
  }

  /** A gigabyte is claimed, and a few bytes are there: that much memory is never taken. */
  @Test
  void claimsOfAPipeCostNoMemory() {
    byte[] claim = bytes("54 01 01 74 00 12 00 04 87 ff ff ff 00 01 02 03");
    for (int i = 0; i < 200; i++) { // 400 GB, if it were
      failure(ChangesetReader.of(new ByteArrayInputStream(claim), "piped"));
    }
  }

  @Test
  void oddTextSurvives() {
    byte[] odd = {(byte) 0xed, (byte) 0xa0, (byte) 0x80, 0, (byte) 0xff}; // half a surrogate pair
    Value value = Value.text(odd);
    assertNull(value.wellFormedText());
    assertEquals(value, Value.text(odd.clone()));
    assertEquals("\uFFFD", Value.text("\uFFFD").wellFormedText());
  }

  @Test
  void missingFilesAndDirectoriesAreNamed(@TempDir Path directory) {
    for (Path path : new Path[] {directory, directory.resolve("missing")}) {
      SqliteSafeException e =
          assertThrows(SqliteSafeException.class, () -> ChangesetReader.open(path));
      assertEquals(ErrorKind.FAILED, e.kind());
      assertTrue(String.valueOf(e.getMessage()).contains(path.toString()), e::getMessage);
    }
  }
}
