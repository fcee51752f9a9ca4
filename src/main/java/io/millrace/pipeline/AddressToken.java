package io.millrace.pipeline;

import java.util.ArrayList;
import java.util.List;

/**
 * A piece of an address header.
 *
 * @param text what it says: quotes, brackets and escapes removed
 * @param source as it stood in the header
 * @param from where it begins there
 */
record AddressToken(Kind kind, String text, String source, int from) {
  enum Kind {
    WORD,
    QUOTED,
    COMMENT,
    ANGLE,
    COMMA,
    SEMICOLON,
    COLON
  }

  int to() {
    return from + source.length();
  }

  /** Whether it may be an address, or a part of one. */
  boolean hasAt() {
    return kind != Kind.COMMENT && text.indexOf('@') >= 0;
  }

  /** The display name that these tokens make, decoded; null when they make none. */
  static String name(List<AddressToken> tokens, Flaws flaws) {
    String name = name(tokens, false, flaws);
    return name == null ? name(tokens, true, flaws) : name;
  }

  private static String name(List<AddressToken> tokens, boolean comments, Flaws flaws) {
    StringBuilder joined = new StringBuilder();
    int end = -1;
    for (AddressToken token : tokens) {
      if ((token.kind == Kind.COMMENT) == comments) {
        joined.append(end >= 0 && token.from > end ? " " : "").append(token.text);
        end = token.to();
      }
    }
    if (joined.isEmpty()) {
      return null;
    }
    String name = EncodedWords.decode(joined.toString(), flaws);
    name = unquote(Clean.line(name, Address.MAX_NAME + 1));
    if (name.length() > Address.MAX_NAME) {
      flaws.add("name-cut");
      name = Clean.text(name, Address.MAX_NAME);
    }
    return name.isEmpty() ? null : name;
  }

  /** Outlook and others put names in single quotes, and words decoded late bring their own. */
  private static String unquote(String name) {
    String plain = name;
    while (plain.length() > 1
        && (plain.charAt(0) == '"' || plain.charAt(0) == '\'')
        && plain.charAt(plain.length() - 1) == plain.charAt(0)) {
      plain = plain.substring(1, plain.length() - 1).trim();
    }
    return plain;
  }

  /**
   * Puts together addresses whose parts stand apart, as in {@code "john doe"@example.com} or the
   * obsolete {@code john . doe @ example . com}.
   */
  static List<AddressToken> joinAddresses(List<AddressToken> tokens) {
    List<AddressToken> out = new ArrayList<>(tokens.size());
    boolean open = false;
    for (AddressToken token : tokens) {
      boolean word = token.kind == Kind.WORD;
      boolean glue = word && (token.text.startsWith("@") || token.text.equals("."));
      AddressToken last = out.isEmpty() ? null : out.get(out.size() - 1);
      boolean joinable = last != null && last.kind != Kind.COMMENT && token.kind != Kind.COMMENT;
      if (joinable && last.text.length() <= Address.MAX_ADDRESS && (glue || (word && open))) {
        String left = last.kind == Kind.QUOTED ? last.source : last.text;
        String gap = " ".repeat(Math.max(0, token.from - last.to()));
        // The source keeps its length, from which the end is counted.
        out.set(
            out.size() - 1,
            new AddressToken(
                Kind.WORD, left + token.text, last.source + gap + token.source, last.from));
      } else {
        out.add(token);
      }
      open = word && (token.text.endsWith("@") || token.text.equals("."));
    }
    return out;
  }
}
