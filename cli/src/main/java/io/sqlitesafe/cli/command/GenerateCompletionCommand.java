package io.sqlitesafe.cli.command;

import io.sqlitesafe.cli.completion.CompletionScript;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code generate-completion bash|zsh|fish}. */
public final class GenerateCompletionCommand implements Command {
  private static final List<String> SHELLS = List.of("bash", "zsh", "fish");

  private final Supplier<CommandSpec> model;

  /** Completes what {@code model} describes. */
  public GenerateCompletionCommand(Supplier<CommandSpec> model) {
    this.model = model;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "generate-completion",
            "Print a completion script for a shell",
            "Prints a script that completes commands, options and option values.");
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("0")
            .arity("1")
            .required(true)
            .type(String.class)
            .paramLabel("SHELL")
            .completionCandidates(SHELLS)
            .description("bash, zsh or fish.")
            .build());
    spec.usageMessage()
        .footer("Examples:", "  $ sqlite-safe generate-completion bash > sqlite-safe.bash");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    String shell = arguments.matchedPositionalValue(0, "");
    String script =
        switch (shell) {
          case "bash" -> CompletionScript.bash(model.get());
          case "zsh" -> CompletionScript.zsh(model.get());
          case "fish" -> CompletionScript.fish(model.get());
          default ->
              throw new SqliteSafeException(
                  ErrorKind.USAGE,
                  "no completion for '" + shell + "'",
                  "the shells are: " + String.join(", ", SHELLS));
        };
    invocation.console().print(script);
    return 0;
  }
}
