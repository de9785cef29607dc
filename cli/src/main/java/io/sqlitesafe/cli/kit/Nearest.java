package io.sqlitesafe.cli.kit;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds what somebody who mistyped a name may have meant. Stateless. */
public final class Nearest {
  private static final int MOST = 3;

  private Nearest() {}

  /** Candidates a few edits away, nearest first; none for a name that is like no other. */
  public static List<String> to(String name, Collection<String> candidates) {
    String wanted = name.toLowerCase(Locale.ROOT);
    int allowed = Math.max(1, Math.min(3, wanted.length() / 3));
    return candidates.stream()
        .distinct()
        .filter(one -> Math.abs(one.length() - wanted.length()) <= allowed)
        .filter(one -> distance(wanted, one.toLowerCase(Locale.ROOT)) <= allowed)
        .sorted(
            Comparator.comparingInt((String one) -> distance(wanted, one.toLowerCase(Locale.ROOT))))
        .limit(MOST)
        .toList();
  }

  /** A question with the nearest, or else the other hint. */
  public static String hint(String name, Collection<String> candidates, String otherwise) {
    List<String> near = to(name, candidates);
    return near.isEmpty() ? otherwise : "did you mean " + String.join(" or ", near) + "?";
  }

  /** Insertions, deletions, replacements and swaps of neighbours between two words. */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
