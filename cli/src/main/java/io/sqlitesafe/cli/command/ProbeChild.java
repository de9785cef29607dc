package io.sqlitesafe.cli.command;

import io.sqlitesafe.cli.kit.Executable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts this program again, as the other side of a probe. */
final class ProbeChild {
  /** Tells a process that it is the other side, and the name of the scratch directory. */
  static final String WORK = "SQLITE_SAFE_PROBE_WORK";

  /** Where native libraries are: the launcher's word to the driver. */
  private static final List<String> PASSED_ON =
      List.of("org.sqlite.lib.path", "org.sqlite.tmpdir", "java.locale.providers");

  /** Java that warns of a native library. */
  private static final int NATIVE_ACCESS_WARNED = 24;

  private ProbeChild() {}

  static Process start(Path directory, String work) throws IOException {
    List<String> command = Executable.isThis() ? executable() : java();
    command.add("probe");
    command.add("--");
    command.add(directory.toString());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put(WORK, work);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    return builder.start();
  }

  private static List<String> executable() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Executable.path().toString());
    return command;
  }

  private static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.add("-XX:-UsePerfData");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Xshare:auto");
    command.add("-Xlog:disable");
    boolean linked = ProbeChild.class.getModule().isNamed();
    if (linked) {
      command.add("--enable-native-access=org.xerial.sqlitejdbc"); // as the launcher
    } else if (Runtime.version().feature() >= NATIVE_ACCESS_WARNED) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    for (String name : PASSED_ON) {
      String value = System.getProperty(name);
      if (value != null) {
        command.add("-D" + name + "=" + value);
      }
    }
    if (linked) {
      command.add("-m");
      command.add("io.sqlitesafe.cli/io.sqlitesafe.cli.Main");
    } else {
      command.add("-cp");
      command.add(System.getProperty("java.class.path", ""));
      command.add("io.sqlitesafe.cli.Main");
    }
    return command;
  }
}
