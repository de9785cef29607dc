package io.sqlitesafe.cli;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.error.Cancellation;

/** Entry point. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    if (Executable.isThis()) {
      Executable.prepare();
    }
    SafeDatabase.preload(); // meanwhile the arguments are parsed
    Cancellation cancellation = new Cancellation();
    Signals.install(cancellation);
    System.exit(new Cli(Console.ofProcess(), cancellation).run(args));
  }
}
