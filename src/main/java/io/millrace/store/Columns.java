package io.millrace.store;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.function.Function;

/**
 * Rows turned into columns for {@code unnest}: one array parameter for each property. (The varargs
 * of {@link Tuple#of} would spread an array that is given to it.)
 */
final class Columns<T> {
  /** Joins the members of a list that goes into one text; occurs in no label and no header. */
  static final String SEPARATOR = "\u001f";

  private final List<T> rows;
  private final Tuple tuple;

  Columns(List<T> rows, Tuple first) {
    this.rows = rows;
    this.tuple = first;
  }

  Columns<T> text(Function<T, String> value) {
    tuple.addValue(rows.stream().map(value).map(Columns::clean).toArray(String[]::new));
    return this;
  }

  Columns<T> texts(Function<T, List<String>> value) {
    return text(
        row ->
            String.join(
                SEPARATOR, value.apply(row).stream().map(s -> s.replace(SEPARATOR, " ")).toList()));
  }

  Columns<T> number(Function<T, Long> value) {
    tuple.addValue(rows.stream().map(value).toArray(Long[]::new));
    return this;
  }

  Columns<T> integer(Function<T, Integer> value) {
    tuple.addValue(rows.stream().map(value).toArray(Integer[]::new));
    return this;
  }

  Columns<T> flag(Function<T, Boolean> value) {
    tuple.addValue(rows.stream().map(value).toArray(Boolean[]::new));
    return this;
  }

  Columns<T> bytes(Function<T, byte[]> value) {
    tuple.addValue(rows.stream().map(value).map(Buffer::buffer).toArray(Buffer[]::new));
    return this;
  }

  Tuple tuple() {
    return tuple;
  }

  /** PostgreSQL's text holds no NUL. */
  private static String clean(String text) {
    return text == null || text.indexOf('\0') < 0 ? text : text.replace("\0", "");
  }
}
