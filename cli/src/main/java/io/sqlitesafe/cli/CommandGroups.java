package io.sqlitesafe.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The commands by what they are for: the order of help, of the manual and of README. */
public final class CommandGroups {
  private CommandGroups() {}

  /** Names of commands by group, both in the order of showing. */
  public static Map<String, List<String>> all() {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    groups.put("backups", List.of("backup", "restore", "vacuum-into", "copy"));
    groups.put(
        "reading and writing",
        List.of("write", "read", "shell", "batch", "journal-mode", "checkpoint"));
    groups.put("locks", List.of("with-lock", "inspect-lock", "break-stale", "access", "probe"));
    groups.put("changesets", List.of("changeset"));
    groups.put("checks and repair", List.of("integrity-check", "recover", "doctor"));
    groups.put("the program itself", List.of("capabilities", "generate-completion", "help"));
    return groups;
  }
}
