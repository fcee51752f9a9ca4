package io.millrace.pipeline;

import java.util.Locale;
import java.util.Set;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeFilter;

/**
 * HTML as a person would read it in plain text: blocks on lines of their own, cells of a table
 * apart, links followed by where they lead, nothing of what a browser does not show.
 *
 * <p>Bounded: at most {@value #MAX_HTML} characters are parsed, and the walk stops when enough text
 * is there. Deep nesting costs no stack, as jsoup's walk is a loop.
 */
final class HtmlText implements NodeFilter {
  private static final int MAX_HTML = 1 << 20;
  private static final int MAX_LINK = 500;

  private static final Set<String> UNSEEN =
      Set.of(
          "head",
          "script",
          "style",
          "title",
          "template",
          "noscript",
          "object",
          "svg",
          "math",
          "iframe",
          "select",
          "datalist",
          "audio",
          "video",
          "canvas");

  private static final Set<String> BLOCKS =
      Set.of(
          "address",
          "article",
          "aside",
          "blockquote",
          "center",
          "dd",
          "details",
          "div",
          "dl",
          "dt",
          "fieldset",
          "figcaption",
          "figure",
          "footer",
          "form",
          "header",
          "hr",
          "li",
          "main",
          "nav",
          "ol",
          "section",
          "summary",
          "table",
          "tbody",
          "tfoot",
          "thead",
          "tr",
          "ul",
          "caption");

  private static final Set<String> PARAGRAPHS =
      Set.of("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre");

  /** What must stand between the text so far and the next; the greatest asked for wins. */
  private static final int NOTHING = 0;

  private static final int SPACE = 1;
  private static final int CELL = 2;
  private static final int LINE = 3;
  private static final int PARAGRAPH = 4;
  private static final String[] GAPS = {"", " ", "\t", "\n", "\n\n"};

  private final StringBuilder out = new StringBuilder();
  private final int max;
  private int gap = NOTHING;
  private int breaks;
  private int preformatted;

  private HtmlText(int max) {
    this.max = max;
  }

  /** Total: the text, somewhat more than {@code max} characters at the most. */
  static String of(String html, int max) {
    String bounded = html.length() > MAX_HTML ? html.substring(0, MAX_HTML) : html;
    HtmlText text = new HtmlText(max);
    Jsoup.parse(bounded).filter(text);
    return text.out.toString();
  }

  @Override
  public FilterResult head(Node node, int depth) {
    if (out.length() > max) {
      return FilterResult.STOP;
    }
    if (node instanceof TextNode text) {
      append(text.getWholeText());
    } else if (node instanceof Element element) {
      return enter(element);
    }
    return FilterResult.CONTINUE;
  }

  private FilterResult enter(Element element) {
    String name = element.normalName();
    if (UNSEEN.contains(name) || hidden(element)) {
      return FilterResult.SKIP_ENTIRELY;
    }
    switch (name) {
      case "br" -> lineBreak();
      case "td", "th" -> gap = Math.max(gap, CELL);
      case "img" -> append(element.attr("alt"));
      case "li" -> {
        gap = Math.max(gap, LINE);
        append("- ");
      }
      default -> around(name);
    }
    preformatted += name.equals("pre") ? 1 : 0;
    return FilterResult.CONTINUE;
  }

  @Override
  public FilterResult tail(Node node, int depth) {
    if (node instanceof Element element) {
      String name = element.normalName();
      around(name);
      preformatted -= name.equals("pre") ? 1 : 0;
      if (name.equals("td") || name.equals("th")) {
        // A cell that holds one block is still a cell: the block ends with it.
        gap = Math.max(gap, CELL);
      } else if (name.equals("a")) {
        link(element);
      }
    }
    return FilterResult.CONTINUE;
  }

  private void around(String name) {
    if (PARAGRAPHS.contains(name)) {
      gap = Math.max(gap, PARAGRAPH);
    } else if (BLOCKS.contains(name)) {
      gap = Math.max(gap, LINE);
    }
  }

  /** Two in a row make an empty line, as they do on a screen. */
  private void lineBreak() {
    breaks++;
    gap = Math.max(gap, breaks > 1 ? PARAGRAPH : LINE);
  }

  private static boolean hidden(Element element) {
    if (element.attributesSize() == 0) {
      return false;
    }
    if (element.hasAttr("hidden")) {
      return true;
    }
    String style = element.attr("style");
    return style.length() > 11
        && style.toLowerCase(Locale.ROOT).replace(" ", "").contains("display:none");
  }

  private void link(Element element) {
    String target = element.attr("href").trim();
    boolean web = target.startsWith("http://") || target.startsWith("https://");
    if (!web || target.length() > MAX_LINK || gap >= PARAGRAPH) {
      return;
    }
    if (out.isEmpty() || endsWith(target) || endsWith(target.substring(0, target.length() - 1))) {
      return; // The text is the address already, perhaps without its last slash.
    }
    int after = gap;
    gap = SPACE;
    append("<" + target + ">");
    gap = after;
  }

  private boolean endsWith(String text) {
    int from = out.length() - text.length();
    return from >= 0 && out.indexOf(text, from) == from;
  }

  private void append(String text) {
    int word = -1;
    for (int i = 0; i < text.length() && out.length() <= max; i++) {
      char c = text.charAt(i);
      boolean plain = c > ' ' && c < 0x7F;
      boolean kept = preformatted > 0 && (c == '\n' || c == ' ' || c == '\t');
      boolean space = !plain && !kept && Clean.isSpace(c);
      boolean shown = plain || (!space && !unseen(c));
      if (shown && word < 0) {
        flush();
        word = i;
      } else if (!shown && word >= 0) {
        out.append(text, word, i);
        word = -1;
      }
      if (space) {
        gap = Math.max(gap, SPACE);
      }
    }
    if (word >= 0) {
      out.append(text, word, Math.min(text.length(), word + max));
    }
  }

  private void flush() {
    if (!out.isEmpty()) {
      out.append(GAPS[gap]);
    }
    gap = NOTHING;
    breaks = 0;
  }

  /** Soft hyphens and zero-width characters, with which newsletters fill their previews. */
  private static boolean unseen(char c) {
    return c == '\u00AD' || c == '\u034F' || c == '\u200B' || c == '\uFEFF';
  }
}
