package io.millrace;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody probably meant. */
final class Nearest {
  private Nearest() {}

  /** The candidate with the fewest slips from {@code word}, if a third of its letters or fewer. */
  static Optional<String> to(String word, Collection<String> candidates) {
    String best = null;
    int fewest = Integer.MAX_VALUE;
    for (String candidate : candidates) {
      int slips = slips(plain(word), plain(candidate));
      if (slips < fewest && slips <= Math.max(2, candidate.length() / 3)) {
        best = candidate;
        fewest = slips;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Case and separators are the commonest slips of all and count nothing. */
  private static String plain(String word) {
    return word.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
  }

  /** Insertions, deletions, substitutions and swaps of neighbours. */
  private static int slips(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(change, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean swap =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swap) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
