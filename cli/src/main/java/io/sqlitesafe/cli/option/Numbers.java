package io.sqlitesafe.cli.option;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import picocli.CommandLine.ParseResult;

/** Options that count something. */
public final class Numbers {
  private static final int MAX_DIGITS = 9;

  private Numbers() {}

  /** A whole number from 1. */
  public static int positive(ParseResult arguments, String option, int otherwise) {
    return atLeast(1, arguments, option, otherwise);
  }

  /** A whole number from 0. */
  public static int count(ParseResult arguments, String option, int otherwise) {
    return atLeast(0, arguments, option, otherwise);
  }

  private static int atLeast(int least, ParseResult arguments, String option, int otherwise) {
    String text = arguments.matchedOptionValue(option, Integer.toString(otherwise));
    boolean digits =
        !text.isEmpty()
            && text.length() <= MAX_DIGITS
            && text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!digits || Integer.parseInt(text) < least) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          option + " takes a whole number from " + least + ", not '" + text + "'",
          null);
    }
    return Integer.parseInt(text);
  }
}
