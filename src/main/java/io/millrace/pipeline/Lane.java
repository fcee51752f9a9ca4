package io.millrace.pipeline;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.google.MessageFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Some of a mailbox's messages, as one listing shows them, and how much of each is fetched: label
 * and age of a message are not known before its only fetch, so that the listing has to say.
 *
 * @param labelIds labels that the messages must all have; empty for any
 * @param q a search in Gmail's words, null for none; not to be had under the metadata scope
 * @param newerThan an age such as {@code 30d}, null for any; a search too
 * @param format how much of each is fetched
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Lane(List<String> labelIds, String q, String newerThan, MessageFormat format) {
  /** With empty labels for none. */
  public Lane {
    labelIds = labelIds == null ? List.of() : List.copyOf(labelIds);
    Objects.requireNonNull(format, "format");
  }

  /** All of the mailbox. */
  public static Lane everything(MessageFormat format) {
    return new Lane(List.of(), null, null, format);
  }

  /** Whether no message is left out. */
  @JsonIgnore
  public boolean isEverything() {
    return labelIds.isEmpty() && query() == null;
  }

  /** The whole search as Gmail takes it, or null. */
  String query() {
    String query =
        Stream.of(q, newerThan == null ? null : "newer_than:" + newerThan)
            .filter(Objects::nonNull)
            .collect(Collectors.joining(" "));
    return query.isEmpty() ? null : query;
  }

  /** Whether the messages are spam or trash, which a listing shows only if it is told to. */
  boolean hidden() {
    return !Arrived.shownByDefault(labelIds);
  }

  /**
   * Whether a message that history tells of belongs here, as far as labels can say: it has just
   * moved, so that no age leaves it out.
   */
  boolean takes(List<String> labels, boolean spamTrash) {
    return q == null
        && labels.containsAll(labelIds)
        && (spamTrash || hidden() || Arrived.shownByDefault(labels));
  }

  boolean lists(Lane other) {
    return labelIds.equals(other.labelIds) && Objects.equals(query(), other.query());
  }
}
