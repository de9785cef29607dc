package io.sqlitesafe.cli.option;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({"0,0", "0s,0", "500ms,500", "30s,30000", "5m,300000", "2h,7200000", "1d,86400000"})
  void reads(String text, long millis) {
    assertEquals(Duration.ofMillis(millis), Durations.parse("--wait", text));
  }

  @Test
  void foreverIsNoDuration() {
    assertNull(Durations.parseOrForever("--wait", "forever"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "-1s", "1.5s", "s", "5 s", "5sec", "99999999999999s", "٥s", "1w"})
  void refuses(String text) {
    SqliteSafeException e =
        assertThrows(SqliteSafeException.class, () -> Durations.parse("--wait", text));
    assertEquals(ErrorKind.USAGE, e.kind());
  }
}
