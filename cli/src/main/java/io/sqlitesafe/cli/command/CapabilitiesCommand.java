package io.sqlitesafe.cli.command;

import io.sqlitesafe.Capabilities;
import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.output.results.MountText;
import io.sqlitesafe.cli.output.results.Results;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.mount.Mount;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code capabilities}. */
public final class CapabilitiesCommand implements Command {
  private static final String SCHEMAS = "--schemas";

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "capabilities",
            "Show what this build and its SQLite can do",
            "Prints versions, the lock protocol, the modes of access and SQLite's compile options,"
                + " and whether this platform can prove that an owner's process is dead. For a"
                + " PATH, also prints what its file system is fit for, judging by its type (probe"
                + " tries it out). With --json, also prints the whole table of file systems.");
    spec.addOption(
        CommonOptions.flag(
            "Print only the JSON Schema of what the commands print with --json.", SCHEMAS));
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("0")
            .arity("0..1")
            .type(String.class)
            .paramLabel("PATH")
            .description("A directory or a database.")
            .build());
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe capabilities --json",
            "  $ sqlite-safe capabilities --schemas > schemas.json",
            "  $ sqlite-safe capabilities /srv/data");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "10";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    if (arguments.matchedOptionValue(SCHEMAS, false)) {
      invocation.console().print(schemas());
      return 0;
    }
    Capabilities can = SafeDatabase.capabilities();
    Mount mount = mount(arguments.matchedPositionalValue(0, (String) null));
    if (CommonOptions.of(arguments).json()) {
      new Results("capabilities", null)
          .put("version", can.version())
          .put("sqliteVersion", can.sqliteVersion())
          .put("runtime", can.runtime())
          .put("platform", can.platform())
          .put("protocol", can.protocol())
          .put("accessModes", can.accessModes())
          .put("provesDeadOwners", can.provesDeadOwners())
          .put("compileOptions", can.compileOptions())
          .put("fileSystem", mount == null ? null : MountText.json(mount))
          .put("fileSystems", MountText.table())
          .print(invocation);
      return 0;
    }
    invocation
        .console()
        .print(
            "version            "
                + can.version()
                + "\nSQLite             "
                + can.sqliteVersion()
                + "\nruntime            "
                + can.runtime()
                + "\nplatform           "
                + can.platform()
                + "\nlock protocol      "
                + can.protocol()
                + "\nmodes of access    "
                + String.join(", ", can.accessModes())
                + "\nproves dead owners "
                + (can.provesDeadOwners()
                    ? "yes"
                    : "no: this platform lacks boot id or process start times, so only time breaks"
                        + " a lock")
                + "\ncompile options    "
                + String.join(" ", can.compileOptions())
                + "\n"
                + (mount == null ? "" : fileSystem(mount)));
    return 0;
  }

  private static String schemas() {
    try (InputStream in =
        CapabilitiesCommand.class.getResourceAsStream("/io/sqlitesafe/cli/schemas.json")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Mount mount(@Nullable String path) {
    if (path == null) {
      return null;
    }
    if (!Files.exists(Path.of(path))) {
      throw new SqliteSafeException(
          ErrorKind.NO_DATABASE, "there is no file or directory " + path, "check the name");
    }
    return Mount.of(Path.of(path));
  }

  private static String fileSystem(Mount mount) {
    StringBuilder text = new StringBuilder("file system        ");
    text.append(mount.type()).append(" on ").append(mount.mountPoint());
    text.append(mount.isQuestionable() ? "\n" : ", fine for every mode of access\n");
    MountText.policy(mount)
        .forEach((use, advice) -> text.append("  ").append(use + ": " + advice).append('\n'));
    return text.toString();
  }
}
