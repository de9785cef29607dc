/** The command line. Only {@code io.sqlitesafe.cli.Main} is for others. */
module io.sqlitesafe.cli {
  requires de.siegmar.fastcsv;
  requires info.picocli;
  requires io.sqlitesafe;
  requires jdk.unsupported; // signals
  requires org.jline.reader;
  requires org.jline.terminal;
  requires org.jline.terminal.jni;
  requires org.xerial.sqlitejdbc;
  requires static org.jspecify;
  requires tools.jackson.core;

  exports io.sqlitesafe.cli;
}
