package io.sqlitesafe.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Options that every command has may stand before it, too: as git and docker take them. */
final class LeadingOptions {
  private static final Set<String> SWITCHES = Set.of("--json", "--quiet", "-q", "--debug");
  private static final Set<String> VALUED = Set.of("--progress", "--color");

  private LeadingOptions() {}

  /** The same words with the command in front, followed by what stood before it. */
  static String[] behindCommand(String[] args) {
    List<String> command = new ArrayList<>();
    List<String> options = new ArrayList<>();
    int i = past(args, 0, options);
    if (options.isEmpty() || i == args.length || args[i].startsWith("-")) {
      return args;
    }
    command.add(args[i++]);
    if (!Cli.isCommand(command.get(0))) { // the first of two words
      i = past(args, i, options);
      if (i < args.length && !args[i].startsWith("-")) {
        command.add(args[i++]);
      }
    }
    command.addAll(options);
    command.addAll(List.of(args).subList(i, args.length));
    return command.toArray(String[]::new);
  }

  private static int past(String[] args, int from, List<String> options) {
    int i = from;
    while (i < args.length) {
      String word = args[i];
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      if (SWITCHES.contains(word) || (equals > 0 && VALUED.contains(name))) {
        options.add(word);
        i++;
      } else if (VALUED.contains(word) && i + 1 < args.length) {
        options.add(word);
        options.add(args[i + 1]);
        i += 2;
      } else {
        break;
      }
    }
    return i;
  }
}
