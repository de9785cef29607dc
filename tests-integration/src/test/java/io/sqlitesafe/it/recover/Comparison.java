package io.sqlitesafe.it.recover;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.check.RecoveredCheck;
import io.sqlitesafe.internal.recover.Recover;
import io.sqlitesafe.recover.RecoverRequest;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Damages databases of which it knows what is in them, and compares what {@code recover} and the
 * sqlite3 shell's {@code .recover} get out of them. Prints the table in results.md: {@code
 * tests-integration/recover/compare.sh 2000}.
 */
final class Comparison {
  private final Path directory;
  private final Path sqlite3;
  private final Map<Injury, Totals> totals = new EnumMap<>(Injury.class);
  private final List<String> exceptions = new ArrayList<>();

  Comparison(Path directory, Path sqlite3) {
    this.directory = directory;
    this.sqlite3 = sqlite3;
  }

  /** Sums over files; worse = files of which .recover got more. */
  record Totals(int files, int rows, Score ours, Score theirs, int worse) {
    static final Totals NONE = new Totals(0, 0, Score.NONE, Score.NONE, 0);

    Totals plus(Totals other) {
      return new Totals(
          files + other.files,
          rows + other.rows,
          ours.plus(other.ours),
          theirs.plus(other.theirs),
          worse + other.worse);
    }
  }

  Totals all() {
    return totals.values().stream().reduce(Totals.NONE, Totals::plus);
  }

  Map<Injury, Totals> totals() {
    return totals;
  }

  /** Files of which .recover got more, each with what is needed to make it again. */
  List<String> exceptions() {
    return exceptions;
  }

  /** One database, damaged in the way that its number says. */
  void trial(long seed) throws SQLException, IOException, InterruptedException {
    Injury injury = Injury.values()[(int) (seed % Injury.values().length)];
    empty();
    Path file = directory.resolve("damaged.db");
    Truth truth = new Subject(seed, file).make(injury.needsLog());
    Injury.Bytes bytes = new Injury.Bytes(file);
    injury.harm(bytes, new Random(seed));
    bytes.save();
    Path mine = directory.resolve("mine.db");
    recover(file, mine);
    Score ours = Score.of(truth, mine);
    Score theirs = Score.of(truth, peer(file));
    boolean worse = ours.found() < theirs.found();
    if (worse || ours.right() < theirs.right() || ours.foreign() > 0) {
      exceptions.add(injury + " " + seed + ": ours " + ours + ", theirs " + theirs);
    }
    Totals one = new Totals(1, truth.size(), ours, theirs, worse ? 1 : 0);
    totals.merge(injury, one, Totals::plus);
  }

  private void empty() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path each : files.toList()) {
        Files.delete(each);
      }
    }
  }

  private static void recover(Path file, Path to) {
    try {
      Recover.privately(
          file,
          to,
          RecoverRequest.DEFAULT,
          new RecoveredCheck(),
          new Cancellation(),
          SnapshotListener.SILENT);
    } catch (SqliteSafeException nothing) {
      if (nothing.kind().exitCode() != 14) {
        throw nothing;
      }
    }
  }

  private Path peer(Path file) throws IOException, InterruptedException {
    Path made = directory.resolve("theirs.db");
    Process process =
        new ProcessBuilder(
                "sh", "-c", "\"$0\" \"$1\" .recover 2>/dev/null | \"$0\" \"$2\" 2>/dev/null")
            .command(
                "sh",
                "-c",
                "\"$0\" \"$1\" .recover 2>/dev/null | \"$0\" \"$2\" >/dev/null 2>&1",
                sqlite3.toString(),
                file.toString(),
                made.toString())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return made;
  }

  /** The table, in Markdown. */
  String table() {
    StringBuilder text = new StringBuilder();
    text.append(
        "| damage | files | rows | recover: right | in lost_and_found | wrong | of these foreign | lost |");
    text.append(
        " .recover: right | in lost_and_found | wrong | of these foreign | lost | files where"
            + " .recover has more |\n");
    text.append("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    totals.forEach(
        (injury, sum) -> line(text, injury.name().toLowerCase(Locale.ROOT).replace('_', ' '), sum));
    line(text, "**all**", all());
    return text.toString();
  }

  private static void line(StringBuilder text, String name, Totals sum) {
    text.append("| ").append(name);
    for (int each :
        new int[] {
          sum.files,
          sum.rows,
          sum.ours.right(),
          sum.ours.elsewhere(),
          sum.ours.wrong(),
          sum.ours.foreign(),
          sum.ours.lost(),
          sum.theirs.right(),
          sum.theirs.elsewhere(),
          sum.theirs.wrong(),
          sum.theirs.foreign(),
          sum.theirs.lost(),
          sum.worse
        }) {
      text.append(" | ").append(each);
    }
    text.append(" |\n");
  }

  /**
   * Prints the table.
   *
   * @param args the program sqlite3 with .recover, how many databases, and the number of the first
   */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("recover-comparison");
    Comparison comparison = new Comparison(directory, Path.of(args[0]));
    long first = args.length > 2 ? Long.parseLong(args[2]) : 0;
    for (long seed = first; seed < first + Long.parseLong(args[1]); seed++) {
      try {
        comparison.trial(seed);
      } catch (SQLException | RuntimeException e) {
        System.out.println("failed: " + seed);
        e.printStackTrace(System.out);
      }
      if ((seed - first) % 100 == 99) {
        System.err.println(comparison.all());
      }
    }
    System.out.println(comparison.table());
    comparison.exceptions().forEach(System.out::println);
    comparison.empty();
    Files.delete(directory);
  }
}
