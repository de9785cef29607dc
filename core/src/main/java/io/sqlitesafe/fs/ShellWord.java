package io.sqlitesafe.fs;

/** File names and SQL in commands that a person may copy from a message. Stateless. */
public final class ShellWord {
  private ShellWord() {}

  /** The text as one word of a shell's command line, in quotes only where it needs them. */
  public static String of(String text) {
    String word = text.startsWith("-") ? "./" + text : text;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      boolean plain = c < 0x80 && Character.isLetterOrDigit(c);
      if (!plain && "/._-+:@%,".indexOf(c) < 0) {
        return "'" + word.replace("'", "'\\''") + "'";
      }
    }
    return word.isEmpty() ? "''" : word;
  }
}
