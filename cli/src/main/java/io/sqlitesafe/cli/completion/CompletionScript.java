package io.sqlitesafe.cli.completion;

import picocli.CommandLine.Model.CommandSpec;

/**
 * Completion scripts for the shells, written from the command model. They start no process of ours
 * and need no helper package; the same model always gives the same text.
 */
public final class CompletionScript {
  private CompletionScript() {}

  /** A script for bash 4 and later, to be sourced or put where bash-completion looks for it. */
  public static String bash(CommandSpec root) {
    return new BashCompletion(CompletionModel.of(root)).script();
  }

  /** A script for zsh, to be sourced or put as {@code _NAME} into a directory of {@code fpath}. */
  public static String zsh(CommandSpec root) {
    return new ZshCompletion(CompletionModel.of(root)).script();
  }

  /** A script for fish 3 and later, to be sourced or put into {@code completions/NAME.fish}. */
  public static String fish(CommandSpec root) {
    return new FishCompletion(CompletionModel.of(root)).script();
  }
}
