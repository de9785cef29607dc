package io.sqlitesafe.cli;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.cli.kit.Descriptors;
import io.sqlitesafe.cli.kit.Executable;
import io.sqlitesafe.cli.output.notes.ErrorPrinter;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;

/** Entry point. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    if (Executable.isThis()) {
      Executable.prepare();
    }
    SqliteSafeException shortage = Descriptors.shortage();
    if (shortage != null) {
      System.exit(new ErrorPrinter(Console.ofProcess(), args).print(shortage));
    }
    SafeDatabase.preload(); // meanwhile the arguments are parsed
    Cancellation cancellation = new Cancellation();
    Signals.install(cancellation);
    System.exit(new Cli(Console.ofProcess(), cancellation).run(args));
  }
}
