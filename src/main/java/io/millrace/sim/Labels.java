package io.millrace.sim;

import java.util.List;
import java.util.Locale;

/** The labels of a mailbox: Gmail's own, and the user's. */
final class Labels {
  static final List<String> SYSTEM =
      List.of(
          "CHAT",
          "SENT",
          "INBOX",
          "IMPORTANT",
          "TRASH",
          "DRAFT",
          "SPAM",
          "CATEGORY_FORUMS",
          "CATEGORY_UPDATES",
          "CATEGORY_PERSONAL",
          "CATEGORY_PROMOTIONS",
          "CATEGORY_SOCIAL",
          "STARRED",
          "UNREAD");

  /** Above so many messages the counts of a label are left out: they would need a scan. */
  private static final int COUNTED = 50_000;

  private Labels() {}

  /** The id of a label by its name or id; what is not known is taken for an id. */
  static String idOf(Mailbox mailbox, String name) {
    String system = name.toUpperCase(Locale.ROOT);
    if (SYSTEM.contains(system)) {
      return system;
    }
    List<String> own = mailbox.store().userLabels();
    for (int i = 0; i < own.size(); i++) {
      String spoken = own.get(i).replace(' ', '-').replace('/', '-');
      if (own.get(i).equalsIgnoreCase(name) || spoken.equalsIgnoreCase(name)) {
        return "Label_" + (i + 1);
      }
    }
    return name;
  }

  static void writeAll(Mailbox mailbox, JsonOut out) {
    out.object().array("labels");
    for (String id : SYSTEM) {
      write(id, id, "system", out).end();
    }
    List<String> own = mailbox.store().userLabels();
    for (int i = 0; i < own.size(); i++) {
      write("Label_" + (i + 1), own.get(i), "user", out).end();
    }
    out.endArray().end();
  }

  static void writeOne(Mailbox mailbox, String id, JsonOut out) {
    List<String> own = mailbox.store().userLabels();
    String name = SYSTEM.contains(id) ? id : null;
    for (int i = 0; i < own.size() && name == null; i++) {
      name = id.equals("Label_" + (i + 1)) ? own.get(i) : null;
    }
    if (name == null) {
      throw new ApiException(GoogleError.NOT_FOUND);
    }
    write(id, name, SYSTEM.contains(id) ? "system" : "user", out);
    if (mailbox.store().size() <= COUNTED) {
      count(mailbox, id, out);
    }
    out.end();
  }

  private static void count(Mailbox mailbox, String id, JsonOut out) {
    int total = 0;
    int unread = 0;
    for (int i = mailbox.beforeNewest() + 1; i < mailbox.store().size(); i++) {
      if (mailbox.exists(i)) {
        List<String> labels = mailbox.labels(i);
        total += labels.contains(id) ? 1 : 0;
        unread += labels.contains(id) && labels.contains("UNREAD") ? 1 : 0;
      }
    }
    out.field("messagesTotal", total).field("messagesUnread", unread);
  }

  private static JsonOut write(String id, String name, String type, JsonOut out) {
    return out.object().field("id", id).field("name", name).field("type", type);
  }
}
