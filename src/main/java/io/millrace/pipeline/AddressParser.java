package io.millrace.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads address headers as people's programs write them, RFC 5322 being one case.
 *
 * <p>Splits the value into tokens, then each run of tokens between separators into mailboxes. Never
 * gives up on a header: what is no address is kept raw. Linear in the length of the value. Not
 * mime4j's parser, because that one joins addresses without commas, knows no semicolons, drops
 * names in comments and takes a header apart into bytes, which loses Unicode.
 */
final class AddressParser {
  private static final int MAX_VALUE = 512 * 1024;
  private static final int MAX_SPACED = 1_000;

  private final List<Address> out = new ArrayList<>();
  private final List<AddressToken> piece = new ArrayList<>();
  private final String value;
  private final int max;
  private final Flaws flaws;

  private AddressParser(String value, int max, Flaws flaws) {
    this.value = value;
    this.max = max;
    this.flaws = flaws;
  }

  /**
   * Total.
   *
   * @param value as in the header, encoded words not yet decoded; may be null
   * @param max addresses to return at the most
   */
  static List<Address> parse(String value, int max, Flaws flaws) {
    return parse(value, max, flaws, true);
  }

  private static List<Address> parse(String value, int max, Flaws flaws, boolean decodeWhole) {
    if (value == null || value.isEmpty()) {
      return List.of();
    }
    String bounded = value;
    if (value.length() > MAX_VALUE) {
      flaws.add("header-cut");
      bounded = value.substring(0, MAX_VALUE);
    }
    AddressParser parser = new AddressParser(EncodedWords.repair8Bit(bounded, flaws), max, flaws);
    parser.read(decodeWhole);
    return parser.out;
  }

  private void read(boolean decodeWhole) {
    AddressTokens tokens = new AddressTokens(value);
    AddressToken token;
    while ((token = tokens.next()) != null) {
      switch (token.kind()) {
        case COMMA -> {
          if (!commaInName(tokens)) {
            finish(decodeWhole);
          } else {
            flaws.add("address-comma-in-name");
            piece.add(new AddressToken(AddressToken.Kind.WORD, ",", ",", token.from()));
          }
        }
        case SEMICOLON -> finish(decodeWhole);
        case COLON -> colon(token);
        default -> piece.add(token);
      }
      if (out.size() > max) {
        break;
      }
    }
    finish(decodeWhole);
    if (out.size() > max) {
      out.subList(max, out.size()).clear();
      flaws.add("participants-cut");
    }
  }

  /**
   * Before the colon stands a group's name, which names nobody; but an address before it means that
   * the colon is only a slip.
   */
  private void colon(AddressToken token) {
    boolean address = false;
    for (AddressToken t : piece) {
      address |= t.kind() == AddressToken.Kind.ANGLE || t.text().indexOf('@') >= 0;
    }
    if (address) {
      piece.add(new AddressToken(AddressToken.Kind.WORD, ":", ":", token.from()));
    } else {
      piece.clear();
    }
  }

  /** {@code Doe, John <j@x>}: a comma that someone forgot to quote, and no address before it. */
  private boolean commaInName(AddressTokens tokens) {
    if (piece.isEmpty()) {
      return false;
    }
    for (AddressToken t : piece) {
      if (t.kind() != AddressToken.Kind.WORD || t.text().indexOf('@') >= 0) {
        return false;
      }
    }
    return tokens.namedAngleFollows();
  }

  /** Turns the tokens since the last separator into mailboxes. */
  private void finish(boolean decodeWhole) {
    int from = 0;
    for (int i = 0; i < piece.size(); i++) {
      if (piece.get(i).kind() == AddressToken.Kind.ANGLE) {
        // Comments and words right behind the last one are its name if it has none before it.
        boolean last = true;
        for (int j = i + 1; j < piece.size() && last; j++) {
          last = piece.get(j).kind() != AddressToken.Kind.ANGLE && !piece.get(j).hasAt();
        }
        angle(
            piece.subList(from, i),
            piece.get(i),
            last ? piece.subList(i + 1, piece.size()) : List.of());
        from = last ? piece.size() : i + 1;
        if (last) {
          break;
        }
      }
    }
    if (from < piece.size()) {
      bare(piece.subList(from, piece.size()), decodeWhole);
    }
    piece.clear();
  }

  private void angle(List<AddressToken> before, AddressToken angle, List<AddressToken> after) {
    String name = AddressToken.name(before, flaws);
    name = name == null ? AddressToken.name(after, flaws) : name;
    String inside = angle.text();
    if (inside.startsWith("@") && inside.indexOf(':') > 0) {
      // A source route, obsolete since 1989: <@relay,@relay:user@host>.
      inside = inside.substring(inside.indexOf(':') + 1);
    }
    String address = AddressForm.normalize(cleanAddress(inside));
    if (address == null && inside.isBlank() && name == null) {
      return; // <>: nobody, and said so.
    }
    add(name, address, rawOf(before, angle, after));
  }

  private String rawOf(List<AddressToken> before, AddressToken angle, List<AddressToken> after) {
    int from = before.isEmpty() ? angle.from() : before.get(0).from();
    int to = after.isEmpty() ? angle.to() : after.get(after.size() - 1).to();
    return value.substring(from, to);
  }

  /** Words without an angle: addresses stand among them, names before each or in comments. */
  private void bare(List<AddressToken> tokens, boolean decodeWhole) {
    List<AddressToken> joined = AddressToken.joinAddresses(tokens);
    List<AddressToken> name = new ArrayList<>();
    Address pending = null;
    for (AddressToken token : joined) {
      String address = token.hasAt() ? AddressForm.normalize(cleanAddress(token.text())) : null;
      if (address != null) {
        if (pending != null) {
          flaws.add("address-comma-missing");
          add(pending.name(), pending.address(), null);
        }
        pending = new Address(AddressToken.name(name, flaws), address, null);
        name.clear();
      } else if (pending != null
          && pending.name() == null
          && token.kind() == AddressToken.Kind.COMMENT) {
        pending = new Address(AddressToken.name(List.of(token), flaws), pending.address(), null);
      } else {
        name.add(token);
      }
    }
    if (pending != null) {
      // Words behind the last address are its name if it has no other.
      String own = pending.name();
      add(own == null ? AddressToken.name(name, flaws) : own, pending.address(), null);
    } else if (!name.isEmpty()) {
      broken(name, decodeWhole);
    }
  }

  private void broken(List<AddressToken> tokens, boolean decodeWhole) {
    String raw = value.substring(tokens.get(0).from(), tokens.get(tokens.size() - 1).to());
    if (decodeWhole) {
      // Some encode or quote the address together with the name.
      StringBuilder text = new StringBuilder();
      tokens.forEach(t -> text.append(text.isEmpty() ? "" : " ").append(t.text()));
      String decoded = EncodedWords.decode(text.toString(), flaws);
      if (decoded.indexOf('@') >= 0 && !decoded.equals(raw)) {
        List<Address> inner = parse(decoded, max, new Flaws(), false);
        if (!inner.isEmpty() && inner.stream().allMatch(a -> a.address() != null)) {
          flaws.add("address-encoded");
          out.addAll(inner);
          return;
        }
      }
    }
    add(null, null, raw);
  }

  private void add(String name, String address, String raw) {
    if (address != null) {
      out.add(new Address(name, address, null));
      return;
    }
    flaws.add("address-broken");
    String shown = Clean.line(raw, Address.MAX_RAW);
    if (!shown.isEmpty()) {
      out.add(new Address(name, null, shown));
    }
  }

  /** Without what surrounds addresses by mistake: mailto:, single quotes, inner white space. */
  private String cleanAddress(String text) {
    String plain = text.trim();
    if (plain.toLowerCase(Locale.ROOT).startsWith("mailto:")) {
      plain = plain.substring("mailto:".length());
    }
    while (plain.length() > 2 && plain.startsWith("'") && plain.endsWith("'")) {
      plain = plain.substring(1, plain.length() - 1);
    }
    if (plain.contains("=?")) {
      plain = EncodedWords.decode(plain, flaws);
    }
    if (plain.indexOf(' ') > 0 && plain.indexOf('"') < 0 && plain.length() < MAX_SPACED) {
      plain = plain.replaceAll("\\s*([@.])\\s*", "$1");
    }
    return plain;
  }
}
