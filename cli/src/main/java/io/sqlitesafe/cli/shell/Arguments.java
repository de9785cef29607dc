package io.sqlitesafe.cli.shell;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The words of a dot-command, its options apart.
 *
 * @param options with two dashes, however many were typed
 * @param rest the other words
 */
record Arguments(Set<String> options, List<String> rest) {
  /** Takes the words apart; an option that the command does not know is never taken for a name. */
  static Arguments of(List<String> words, String... known) {
    Set<String> options = new LinkedHashSet<>();
    List<String> rest = new ArrayList<>();
    for (String word : words) {
      if (!word.startsWith("-") || word.equals("-")) {
        rest.add(word);
        continue;
      }
      String option = word.startsWith("--") ? word : "-" + word;
      if (!List.of(known).contains(option)) {
        throw new SqliteSafeException(
            ErrorKind.USAGE,
            "there is no option " + word + " here",
            known.length == 0 ? "it has none" : "the options are: " + String.join(" ", known));
      }
      options.add(option);
    }
    return new Arguments(options, rest);
  }

  boolean has(String option) {
    return options.contains(option);
  }

  /** The only other word, or what it is by default. */
  String only(String otherwise) {
    return rest.isEmpty() ? otherwise : DotCommand.only(rest);
  }
}
