package io.millrace.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;

/**
 * Turns the {@code X-Gmail-Labels} header of a Google Takeout export into label ids, and collects
 * the user's own labels on the way. One thread.
 */
final class TakeoutLabels {
  private static final Map<String, String> KNOWN =
      Map.of(
          "inbox", "INBOX",
          "spam", "SPAM",
          "sent", "SENT",
          "trash", "TRASH",
          "unread", "UNREAD",
          "starred", "STARRED",
          "important", "IMPORTANT",
          "drafts", "DRAFT",
          "draft", "DRAFT",
          "chat", "CHAT");

  /** What Takeout says of a message that is no label in the API. */
  private static final List<String> STATES = List.of("archived", "opened", "read");

  private final List<String> own = new ArrayList<>();
  private final Map<String, String> ids = new HashMap<>(KNOWN);
  private final Map<List<String>, List<String>> sets = new HashMap<>();

  /** Label ids of a message; mail without the header lies in the inbox. Equal lists are one. */
  List<String> of(String header) {
    if (header.isBlank()) {
      return shared(List.of("INBOX"));
    }
    List<String> labels = new ArrayList<>();
    for (String name : split(DecoderUtil.decodeEncodedWords(header, DecodeMonitor.SILENT))) {
      String id = id(name);
      if (id != null && !labels.contains(id)) {
        labels.add(id);
      }
    }
    return shared(List.copyOf(labels));
  }

  /** The user's labels in the order they were met. */
  List<String> own() {
    return List.copyOf(own);
  }

  private List<String> shared(List<String> labels) {
    return sets.computeIfAbsent(labels, same -> same);
  }

  private String id(String name) {
    String plain = name.toLowerCase(Locale.ROOT);
    if (STATES.contains(plain)) {
      return null;
    }
    if (plain.startsWith("category ")) {
      String category = "CATEGORY_" + plain.substring(9).toUpperCase(Locale.ROOT);
      if (Labels.SYSTEM.contains(category)) {
        return category;
      }
    }
    return ids.computeIfAbsent(
        plain,
        unknown -> {
          own.add(name);
          return "Label_" + own.size();
        });
  }

  private static List<String> split(String text) {
    List<String> names = new ArrayList<>();
    StringBuilder name = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : ',';
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && (!quoted || i == text.length())) {
        if (!name.toString().isBlank()) {
          names.add(name.toString().strip());
        }
        name.setLength(0);
      } else {
        name.append(c);
      }
    }
    return names;
  }
}
