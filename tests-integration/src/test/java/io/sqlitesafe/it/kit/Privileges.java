package io.sqlitesafe.it.kit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;

/** Permissions mean nothing to root, so tests of them give up that power. */
public final class Privileges {
  private Privileges() {}

  public static boolean root() {
    return Program.of("id", "-u").run().out().strip().equals("0");
  }

  /** What to put before a command so that permissions hold for it. */
  public static List<String> ordinary() {
    if (!root()) {
      return List.of();
    }
    List<String> drop =
        List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all");
    boolean works = Program.exists("setpriv") && Program.of("true").behind(drop).run().exit() == 0;
    assumeTrue(works, "root cannot give up its power over permissions here (setpriv)");
    return drop;
  }
}
