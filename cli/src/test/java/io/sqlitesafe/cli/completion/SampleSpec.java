package io.sqlitesafe.cli.completion;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A small command model with everything the generators know. */
public final class SampleSpec {
  private SampleSpec() {}

  public static CommandSpec root() {
    CommandSpec root = CommandSpec.create().name("sqlite-safe");
    root.usageMessage()
        .header("safe maintenance of ordinary SQLite files")
        .description("One writer at a time.", "All commands share the options below.")
        .exitCodeList(Map.of("0", "done"))
        .footer("Take a look:", "  $ sqlite-safe help write");
    root.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("show help").build());
    add(root, write());
    add(root, backup());
    CommandSpec withLock = command("with-lock", "run a program while holding the lock");
    withLock.addPositional(db());
    withLock.addPositional(
        PositionalParamSpec.builder()
            .index("1..*")
            .arity("1..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .paramLabel("COMMAND")
            .description("what to run")
            .build());
    add(root, withLock);
    CommandSpec changeset = CommandSpec.create().name("changeset");
    changeset.usageMessage().header("work with changesets");
    CommandSpec apply = command("apply", "apply changesets: all or nothing");
    apply.addOption(
        OptionSpec.builder("--on-conflict")
            .type(String.class)
            .paramLabel("WHAT")
            .completionCandidates(List.of("abort", "omit", "replace"))
            .description("what to do at a conflict")
            .build());
    apply.addPositional(db());
    apply.addPositional(
        PositionalParamSpec.builder()
            .index("1..*")
            .arity("1..*")
            .type(List.class)
            .auxiliaryTypes(Path.class)
            .paramLabel("FILE")
            .description("changesets")
            .build());
    add(changeset, apply);
    add(changeset, command("show", "print a changeset"));
    add(root, changeset);
    CommandSpec completion = CommandSpec.create().name("generate-completion");
    completion.usageMessage().header("print a completion script");
    completion.addPositional(
        PositionalParamSpec.builder()
            .index("0")
            .type(String.class)
            .paramLabel("SHELL")
            .completionCandidates(List.of("bash", "zsh", "fish"))
            .description("the shell")
            .build());
    add(root, completion);
    CommandSpec help = CommandSpec.create().name("help").helpCommand(true);
    help.usageMessage().header("show help of a command");
    help.addPositional(
        PositionalParamSpec.builder()
            .arity("0..1")
            .type(String.class)
            .paramLabel("COMMAND")
            .description("the command")
            .build());
    add(root, help);
    CommandSpec secret = command("secret", "not to be seen");
    secret.usageMessage().hidden(true);
    add(root, secret);
    return root;
  }

  private static CommandSpec write() {
    CommandSpec spec = command("write", "run SQL under the exclusive lock");
    spec.usageMessage()
        .description(
            "Runs SQL in one transaction: all or nothing.",
            "Paths like C:\\temp and .hidden 'quoted' \"names\" survive.")
        .exitCodeList(Map.of("0", "done", "11", "the lock was not free within --wait"))
        .footer(
            "Add a row:",
            "  $ sqlite-safe write app.db \"INSERT INTO t VALUES('a\\b')\"",
            "  1 row",
            "",
            ".starts with a dot");
    spec.aliases("w");
    spec.addOption(
        OptionSpec.builder("-f", "--file")
            .type(List.class)
            .auxiliaryTypes(Path.class)
            .arity("1")
            .paramLabel("FILE")
            .description("read SQL from FILE. May be repeated.")
            .build());
    spec.addOption(
        OptionSpec.builder("--create").description("it's fine [really]: make 100%% new").build());
    spec.addOption(
        OptionSpec.builder("--param")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .arity("1")
            .paramLabel("NAME=VALUE")
            .description("bind :NAME")
            .build());
    spec.addOption(OptionSpec.builder("--secret").hidden(true).description("no").build());
    spec.addPositional(db());
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("1..*")
            .arity("0..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .paramLabel("SQL")
            .description("SQL to run")
            .build());
    return spec;
  }

  private static CommandSpec backup() {
    CommandSpec spec = command("backup", "make a verified copy");
    spec.addOption(
        OptionSpec.builder("--method")
            .type(String.class)
            .defaultValue("auto")
            .paramLabel("METHOD")
            .completionCandidates(List.of("auto", "online", "copy"))
            .description("how to copy")
            .build());
    spec.addOption(
        OptionSpec.builder("--manifest").negatable(true).description("write a manifest").build());
    // Takes a file elsewhere.
    spec.addOption(OptionSpec.builder("-f", "--force").description("go on").build());
    spec.addPositional(db());
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("1")
            .type(Path.class)
            .paramLabel("DEST")
            .description("where to")
            .build());
    return spec;
  }

  private static CommandSpec command(String name, String header) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage()
        .header(header)
        .description("Does its work.")
        .exitCodeList(Map.of("0", "done"));
    spec.addOption(
        OptionSpec.builder("--access")
            .type(String.class)
            .paramLabel("MODE")
            .completionCandidates(List.of("trusted", "network-exclusive"))
            .description("mode of access")
            .build());
    spec.addOption(
        OptionSpec.builder("--wait")
            .type(String.class)
            .defaultValue("30s")
            .paramLabel("DURATION")
            .description("how long to wait for the lock")
            .build());
    spec.addOption(OptionSpec.builder("--json").description("one JSON object").build());
    return spec;
  }

  private static PositionalParamSpec db() {
    return PositionalParamSpec.builder()
        .index("0")
        .type(Path.class)
        .paramLabel("DB")
        .description("the database")
        .build();
  }

  private static void add(CommandSpec parent, CommandSpec child) {
    parent.addSubcommand(child.name(), new CommandLine(child));
  }
}
