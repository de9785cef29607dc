package io.sqlitesafe.internal.host;

import java.nio.file.Path;

/** Words of commands that messages propose, and people copy into a shell. No state. */
public final class ShellWord {
  private static final String PLAIN = "/._-+,:@%=~";

  private ShellWord() {}

  /** {@code text} as one word, quoted where a shell would read it otherwise. */
  public static String of(Object text) {
    String word = text.toString();
    if (text instanceof Path && word.startsWith("-")) {
      word = "./" + word; // else it would be an option
    }
    boolean plain = !word.isEmpty() && word.charAt(0) != '-' && word.charAt(0) != '~';
    for (int i = 0; plain && i < word.length(); i++) {
      char c = word.charAt(i);
      plain = Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0;
    }
    return plain ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
