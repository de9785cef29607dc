import io.sqlitesafe.SafeDatabase;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** One write for each line of standard input, answered by a line. Run by round_trips.py. */
final class FurtherWrites {
  public static void main(String[] args) throws Exception {
    SafeDatabase safe = SafeDatabase.of(Path.of(args[0]));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (lines.readLine() != null) {
      safe.write(tx -> tx.update("INSERT INTO t VALUES('x')"));
      System.out.println("done");
    }
  }
}
