package io.sqlitesafe.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ErrorKindTest {
  /**
   * The contract of scripts: written down here once more, so that a change of the enum is noticed.
   */
  @Test
  void everyKindHasTheExitStatusThatScriptsKnow() {
    assertEquals(
        "failed=1 usage=2 warnings=3 no-database=10 lock-busy=11 lock-lost=12 precondition=13 damaged=14"
            + " unsafe=15 uncertain=16 internal=70 command-not-executable=126"
            + " command-not-found=127 interrupted=130 terminated=143",
        Arrays.stream(ErrorKind.values())
            .map(kind -> kind.id() + "=" + kind.exitCode())
            .collect(Collectors.joining(" ")));
  }
}
