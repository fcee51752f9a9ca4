package io.millrace.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.google.MessageFormat;
import java.util.List;
import java.util.Optional;

/**
 * A mailbox's payload policy: lanes that are listed one after the other, an id of an earlier one
 * not being fetched again. What no lane lists is not wanted.
 *
 * @param list at least one; one that takes everything is the last
 */
public record Lanes(List<Lane> list) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Refuses what makes no sense. */
  public Lanes {
    list = List.copyOf(list);
    if (list.isEmpty()) {
      throw new IllegalArgumentException("There is at least one lane.");
    }
    for (Lane lane : list.subList(0, list.size() - 1)) {
      if (lane.isEverything()) {
        throw new IllegalArgumentException("A lane that takes everything is the last one.");
      }
    }
  }

  /** One lane for the whole mailbox. */
  public static Lanes everything(MessageFormat format) {
    return new Lanes(List.of(Lane.everything(format)));
  }

  /** The lane of a number from 0. */
  Lane at(int lane) {
    return list.get(Math.min(lane, list.size() - 1));
  }

  boolean isLast(int lane) {
    return lane >= list.size() - 1;
  }

  /**
   * How much is fetched of a message that history tells of: the first lane that takes its labels
   * says; else the last, if that cannot be judged by them: there is a search, or they are not all.
   *
   * @param all whether these are all labels that it has
   * @return empty if no lane wants it
   */
  Optional<MessageFormat> format(List<String> labels, boolean all, boolean spamTrash) {
    Optional<Lane> lane = list.stream().filter(l -> l.takes(labels, spamTrash)).findFirst();
    boolean judged = all && list.stream().allMatch(l -> l.q() == null);
    if (lane.isEmpty() && !judged && (spamTrash || Arrived.shownByDefault(labels))) {
      lane = Optional.of(at(list.size()));
    }
    return lane.map(Lane::format);
  }

  /** Whether the same messages are listed; how much of each is fetched is not compared. */
  boolean listsLike(Lanes other) {
    boolean alike = list.size() == other.list.size();
    for (int i = 0; alike && i < list.size(); i++) {
      alike = list.get(i).lists(other.list.get(i));
    }
    return alike;
  }

  /** As it is kept with a run. */
  String json() {
    try {
      return MAPPER.writeValueAsString(list);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the lanes cannot be written", e);
    }
  }

  static Lanes parsed(String json) {
    try {
      return new Lanes(MAPPER.readValue(json, new TypeReference<List<Lane>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the lanes of the run cannot be read", e);
    }
  }
}
