package io.sqlitesafe.cli.command;

import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.Durations;
import io.sqlitesafe.cli.option.Numbers;
import io.sqlitesafe.cli.output.results.ProbeText;
import io.sqlitesafe.cli.output.text.JsonOutput;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.probe.Probe;
import io.sqlitesafe.probe.ProbeRequest;
import io.sqlitesafe.probe.ProbeResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code probe DIR|DB}. */
public final class ProbeCommand implements Command {
  private static final Duration LONGEST = Duration.ofMinutes(30);
  private static final Duration SHORTEST = Duration.ofSeconds(2);

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "probe",
            "Try out whether a file system is safe for databases",
            "Tries out a file system with two processes in a scratch directory: which of them wins"
                + " a race for a directory, a file and a name; when one sees what the other has"
                + " changed; whether locks work between them; and whether commits are lost, with"
                + " SQLite's locks and with the lock of this program. Then reports for each way of"
                + " using a database whether it is safe there, considering what was measured before"
                + " on file systems of that type (inspect-lock shows that alone). The exit status"
                + " is 15 if none is safe. Only its own scratch databases are touched, and the"
                + " scratch directory is removed; if a probe is killed, the next one cleans up.",
            "Within one mount, a probe proves little: two mounts (--peer) or two hosts (--join,"
                + " on both) may see different things. The hosts need nothing in common but the"
                + " directory.");
    spec.addOption(
        CommonOptions.file(
                "The same directory through another mount on this host, for one of the two"
                    + " processes.",
                "--peer")
            .toBuilder()
            .paramLabel("DIR2")
            .build());
    spec.addOption(
        CommonOptions.flag(
            "Wait for a probe that is started in the same way on another host, and probe"
                + " together; one of them reports.",
            "--join"));
    spec.addOption(
        CommonOptions.value(
            "N", "Rounds of each race; default " + ProbeRequest.ROUNDS + ".", "--rounds"));
    spec.addOption(
        CommonOptions.value(
            "DURATION",
            "How long it may take, about; default "
                + ProbeRequest.ALONE.toSeconds()
                + "s, or "
                + ProbeRequest.TOGETHER.toSeconds()
                + "s with --peer and --join. What is not seen within half of it counts as not"
                + " seen.",
            "--time"));
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("0")
            .arity("1")
            .required(true)
            .type(String.class)
            .paramLabel("DIR|DB")
            .description("A directory, or a database in it.")
            .build());
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe probe /srv/data",
            "  $ sqlite-safe probe /mnt/one --peer /mnt/two",
            "  $ sqlite-safe probe /mnt/shared --join --json");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "10 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    CommonOptions common = CommonOptions.of(arguments);
    Path directory = directory(arguments.matchedPositionalValue(0, ""));
    String work = System.getenv(ProbeChild.WORK);
    if (work != null) {
      Probe.follow(
          directory,
          work,
          invocation.console().in(),
          invocation.console().out(),
          invocation.cancellation());
      return 0;
    }
    Path peer = arguments.matchedOptionValue("--peer", (Path) null);
    boolean join = arguments.matchedOptionValue("--join", false);
    if (peer != null && join) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--peer and --join contradict each other", "use one");
    }
    ProbeResult report =
        Probe.run(
            new ProbeRequest(
                directory,
                peer == null ? null : peer.toAbsolutePath(),
                join,
                Numbers.positive(arguments, "--rounds", ProbeRequest.ROUNDS),
                time(arguments),
                ProbeChild::start,
                invocation.cancellation(),
                progress(common, invocation.console())));
    if (report == null) {
      return followed(directory, common, invocation);
    }
    if (common.json()) {
      ProbeText.json(report).print(invocation);
    } else {
      invocation.console().print(ProbeText.of(report));
    }
    return status(report);
  }

  private static Consumer<String> progress(CommonOptions common, Console console) {
    boolean shown =
        common.progress().equals("always")
            || (common.progress().equals("auto") && console.terminal() && !common.quiet());
    return what -> {
      if (shown && common.json()) {
        console.note(JsonOutput.toJson(Map.of("type", "progress", "check", what)));
      } else if (shown) {
        console.progress("probing: " + what);
      }
    };
  }

  private static int followed(Path directory, CommonOptions common, Invocation invocation) {
    if (common.json()) {
      ProbeText.followed(directory).print(invocation);
    } else {
      common.confirm(invocation.console(), "probed together; the other host reports\n");
    }
    return 0;
  }

  private static Path directory(String text) {
    Path path = Path.of(text).toAbsolutePath();
    try {
      path = path.toRealPath(); // the lock stands beside the file that a link leads to
    } catch (IOException missing) {
      // said by the probe
    }
    Path parent = path.getParent();
    return parent != null && Files.isRegularFile(path) ? parent : path;
  }

  private static @Nullable Duration time(ParseResult arguments) {
    String text = arguments.matchedOptionValue("--time", (String) null);
    if (text == null) {
      return null;
    }
    Duration time = Durations.parse("--time", text);
    if (time.compareTo(SHORTEST) < 0 || time.compareTo(LONGEST) > 0) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--time takes 2s to 30m, not '" + text + "'", null);
    }
    return time;
  }

  private static int status(ProbeResult report) {
    if (report.isSafe()) {
      return 0;
    }
    throw new SqliteSafeException(
            ErrorKind.UNSAFE,
            "no way of using a database in " + report.directory() + " is safe",
            "keep the database on another file system, or let all use it by one mount of one host",
            null)
        .with("fileSystem", report.mount().type());
  }
}
