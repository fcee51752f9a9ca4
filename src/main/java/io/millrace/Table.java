package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Rows for a terminal: aligned, one line each, no wider than it is. What does not fit is cut, first
 * in the columns that hold sentences. Nothing that a server says can move the cursor.
 */
final class Table {
  private static final int LONGEST_CELL = 300;
  private static final int NARROWEST = 10;
  private static final String GAP = "  ";

  /**
   * A column.
   *
   * @param right whether it holds numbers, which stand at the right
   * @param sentence whether it may be cut
   */
  private record Column(
      String head, boolean right, boolean sentence, Function<JsonNode, String> cell) {}

  private final List<Column> columns = new ArrayList<>();

  /** A name or a word, shown in full. */
  Table word(String head, String field) {
    columns.add(new Column(head, false, false, row -> text(row, field)));
    return this;
  }

  /** A number. */
  Table number(String head, String field) {
    return number(head, row -> number(row.at(pointer(field))));
  }

  /** A number that is told otherwise. */
  Table number(String head, Function<JsonNode, String> cell) {
    columns.add(new Column(head, true, false, cell));
    return this;
  }

  /** An instant, to the second. */
  Table time(String head, String field) {
    columns.add(new Column(head, false, false, row -> time(row.at(pointer(field)))));
    return this;
  }

  /** What may be long. */
  Table sentence(String head, String field) {
    return sentence(head, row -> text(row, field));
  }

  /** What may be long and is told otherwise. */
  Table sentence(String head, Function<JsonNode, String> cell) {
    columns.add(new Column(head, false, true, cell));
    return this;
  }

  /** The lines, the first with the heads. */
  String lines(Iterable<JsonNode> rows, int width) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(columns.stream().map(c -> c.head().toUpperCase(Locale.ROOT)).toList());
    for (JsonNode row : rows) {
      cells.add(
          columns.stream()
              .map(c -> ProgressLine.cut(plain(c.cell().apply(row)), LONGEST_CELL))
              .toList());
    }
    int[] widths = widths(cells, width);
    StringBuilder text = new StringBuilder();
    for (List<String> row : cells) {
      text.append(ProgressLine.cut(line(row, widths).stripTrailing(), width)).append('\n');
    }
    return text.toString();
  }

  private int[] widths(List<List<String>> cells, int width) {
    int[] widths = new int[columns.size()];
    int total = GAP.length() * (columns.size() - 1);
    for (int i = 0; i < widths.length; i++) {
      for (List<String> row : cells) {
        widths[i] = Math.max(widths[i], characters(row.get(i)));
      }
      total += widths[i];
    }
    for (int i = widths.length - 1; i >= 0 && total > width; i--) {
      if (columns.get(i).sentence()) {
        int less = Math.max(Math.min(NARROWEST, widths[i]), widths[i] - (total - width));
        total -= widths[i] - less;
        widths[i] = less;
      }
    }
    return widths;
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = ProgressLine.cut(row.get(i), widths[i]);
      String room = " ".repeat(widths[i] - characters(cell));
      line.append(i == 0 ? "" : GAP).append(columns.get(i).right() ? room + cell : cell + room);
    }
    return line.toString();
  }

  private static int characters(String text) {
    return text.codePointCount(0, text.length());
  }

  /** All of one object, a field a line. */
  static String fields(JsonNode object, List<String> shown, int width) {
    int room = shown.stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    for (String field : shown) {
      JsonNode value = object.at(pointer(field));
      String said =
          value.isMissingNode() || value.isNull()
              ? ""
              : value.isValueNode() ? value.asText() : value.toString();
      if (!said.isEmpty() && !said.equals("[]") && !said.equals("{}")) {
        String name = field.substring(field.lastIndexOf('.') + 1);
        String line = "%s%s%s".formatted(name + " ".repeat(room - name.length()), GAP, plain(said));
        text.append(ProgressLine.cut(line, width)).append('\n');
      }
    }
    return text.toString();
  }

  /** Without anything that a terminal would take for a command. */
  static String plain(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              int type = Character.getType(c);
              boolean moves =
                  Character.isISOControl(c)
                      || type == Character.FORMAT
                      || type == Character.SURROGATE
                      || type == Character.LINE_SEPARATOR
                      || type == Character.PARAGRAPH_SEPARATOR;
              plain.appendCodePoint(moves ? ' ' : c);
            });
    return plain.toString();
  }

  static String text(JsonNode row, String field) {
    JsonNode value = row.at(pointer(field));
    return value.isValueNode() && !value.isNull() ? value.asText() : "";
  }

  static String time(JsonNode value) {
    String text = value.isTextual() ? value.textValue() : "";
    return text.replaceFirst("T", " ").replaceFirst("(\\.\\d+)?Z$", "Z");
  }

  static String number(JsonNode value) {
    return value.isNumber() ? String.format(Locale.ROOT, "%,d", value.asLong()) : "";
  }

  private static String pointer(String field) {
    return "/" + field.replace('.', '/');
  }
}
