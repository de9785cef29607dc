package io.sqlitesafe.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.ProcessTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {
  @TempDir Path parent;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void whatADeadProcessLeftIsSwept() throws IOException, InterruptedException {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    String own = new TemporaryName(ProcessTable.ofThisHost(), Scratch.PREFIX).next() + ".1";
    String left = own.replace("." + ProcessHandle.current().pid() + ".", "." + dead.pid() + ".");
    String foreign = Scratch.PREFIX + "123";
    for (String name : List.of(own, left, foreign)) {
      Path directory = Files.createDirectory(parent.resolve(name));
      Files.createDirectory(directory.resolve("below"));
      Files.writeString(directory.resolve("below/copy.db"), "half");
    }
    // A link to elsewhere is removed, what it points at is not.
    Files.createSymbolicLink(parent.resolve(left + "/elsewhere"), parent.resolve(foreign));
    Scratch.create(parent, 0).close();
    assertEquals(Stream.of(own, foreign).sorted().toList(), names());
    assertEquals("half", Files.readString(parent.resolve(foreign + "/below/copy.db")));
  }

  @Test
  void withoutRoomNothingIsLeft() throws IOException {
    SqliteSafeException e =
        assertThrows(SqliteSafeException.class, () -> Scratch.create(parent, Long.MAX_VALUE / 4));
    assertEquals(ErrorKind.UNSAFE, e.kind());
    assertEquals(List.of(), names());
  }
}
