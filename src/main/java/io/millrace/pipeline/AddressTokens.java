package io.millrace.pipeline;

import io.millrace.pipeline.AddressToken.Kind;

/**
 * Cuts an address header into tokens. What is opened and never closed is an ordinary character, so
 * that one stray quote does not swallow the rest of the header. Linear; not thread-safe.
 */
final class AddressTokens {
  private final String value;
  private int at;
  private boolean noQuoteCloses;
  private boolean noCommentCloses;

  AddressTokens(String value) {
    this.value = value;
  }

  /** The next token, or null at the end. */
  AddressToken next() {
    while (at < value.length()) {
      char c = value.charAt(at);
      if (Clean.isSpace(c) || c == '>' || c == ')' || Character.isISOControl(c)) {
        at++;
        continue;
      }
      AddressToken token =
          switch (c) {
            case ',' -> separator(Kind.COMMA);
            case ';' -> separator(Kind.SEMICOLON);
            case ':' -> separator(Kind.COLON);
            case '"' -> quoted();
            case '(' -> comment();
            case '<' -> angle();
            default -> word();
          };
      if (token != null) {
        return token;
      }
      at++;
    }
    return null;
  }

  /** Whether words without an address and then an angle come before the next separator. */
  boolean namedAngleFollows() {
    int mark = at;
    boolean named = false;
    AddressToken token = next();
    while (token != null && (token.kind() == Kind.WORD || token.kind() == Kind.QUOTED)) {
      if (token.hasAt()) {
        break;
      }
      named = true;
      token = next();
    }
    at = mark;
    return named && token != null && token.kind() == Kind.ANGLE;
  }

  private AddressToken token(Kind kind, String text, int from) {
    return new AddressToken(kind, text, value.substring(from, at), from);
  }

  private AddressToken separator(Kind kind) {
    at++;
    return token(kind, "", at - 1);
  }

  private AddressToken word() {
    int from = at;
    int encoded = EncodedWords.end(value, at);
    if (encoded > 0) {
      at = encoded;
      return token(Kind.WORD, value.substring(from, at), from);
    }
    while (at < value.length()) {
      char c = value.charAt(at);
      if (c == '[' && at > from && value.charAt(at - 1) == '@') {
        // A domain literal may hold colons.
        int close = value.indexOf(']', at);
        at = close < 0 || close - at > Address.MAX_ADDRESS ? at + 1 : close + 1;
      } else if (Clean.isSpace(c) || "\",;:<>()".indexOf(c) >= 0) {
        break;
      } else {
        at++;
      }
    }
    return token(Kind.WORD, value.substring(from, at), from);
  }

  private AddressToken quoted() {
    int from = at;
    int close = noQuoteCloses ? -1 : closingQuote(from + 1, value.length());
    if (close < 0) {
      noQuoteCloses = true;
      return null;
    }
    at = close + 1;
    return token(Kind.QUOTED, unescape(from + 1, close), from);
  }

  private int closingQuote(int from, int to) {
    for (int i = from; i < to; i++) {
      char c = value.charAt(i);
      if (c == '"') {
        return i;
      }
      i += c == '\\' ? 1 : 0;
    }
    return -1;
  }

  private AddressToken comment() {
    int from = at;
    int depth = 0;
    for (int i = at; i < value.length() && !noCommentCloses; i++) {
      char c = value.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (depth == 0) {
        at = i + 1;
        return token(Kind.COMMENT, unescape(from + 1, i), from);
      }
      i += c == '\\' ? 1 : 0;
    }
    noCommentCloses = true;
    return null;
  }

  private AddressToken angle() {
    int from = at;
    while (at < value.length() && (value.charAt(at) == '<' || Clean.isSpace(value.charAt(at)))) {
      at++;
    }
    int begin = at;
    boolean route = at < value.length() && value.charAt(at) == '@';
    boolean seenAt = false;
    while (at < value.length()) {
      char c = value.charAt(at);
      boolean separator = (c == ',' || c == ';') && seenAt && !route;
      if (c == '>' || c == '<' || separator) {
        break;
      }
      if (c == '"' && !seenAt && !noQuoteCloses) {
        int close = closingQuote(at + 1, value.length());
        noQuoteCloses = close < 0;
        at = Math.max(at, close);
      }
      seenAt |= c == '@';
      at++;
    }
    String text = value.substring(begin, at);
    at += at < value.length() && value.charAt(at) == '>' ? 1 : 0;
    return token(Kind.ANGLE, text, from);
  }

  private String unescape(int from, int to) {
    String text = value.substring(from, to);
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      boolean escape = text.charAt(i) == '\\' && i + 1 < text.length();
      i += escape ? 1 : 0;
      out.append(text.charAt(i));
    }
    return out.toString();
  }
}
