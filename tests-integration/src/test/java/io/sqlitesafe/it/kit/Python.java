package io.sqlitesafe.it.kit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The independent participant in the lock protocol. */
public final class Python {
  private Python() {}

  public static Path folder() {
    return Cli.module().resolve("participant");
  }

  public static Program participant(Object... words) {
    List<Object> all =
        new ArrayList<>(List.of("python3", "-B", folder().resolve("participant.py")));
    all.addAll(List.of(words));
    return Program.of(all.toArray());
  }
}
