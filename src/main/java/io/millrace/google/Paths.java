package io.millrace.google;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The addresses of the API's methods below the root, each with its query. */
final class Paths {
  /** {@code fields} cuts bytes, not units. */
  private static final String GET_FIELDS =
      "id,threadId,labelIds,snippet,historyId,internalDate,sizeEstimate,payload";

  private static final String CHANGE = "(message(id,threadId,labelIds),labelIds)";

  private static final String ME = "gmail/v1/users/me/";

  private final String root;
  private final String metadataHeaders;

  /**
   * @param metadataHeaders the headers wanted with the format metadata; empty for all
   */
  Paths(URI rootUrl, List<String> metadataHeaders) {
    StringBuilder headers = new StringBuilder();
    metadataHeaders.forEach(name -> parameter(headers, "metadataHeaders", name));
    this.metadataHeaders = headers.toString();
    String path = rootUrl.getRawPath() == null ? "" : rootUrl.getRawPath();
    root = path.endsWith("/") ? path : path + "/";
  }

  String batch() {
    return root + "batch/gmail/v1";
  }

  String profile() {
    return user("profile");
  }

  String watch() {
    return user("watch");
  }

  String stop() {
    return user("stop");
  }

  String labels() {
    return user("labels?fields=labels(id)");
  }

  String get(String id, MessageFormat format) {
    return user("messages/") + encode(id) + format(format) + "&fields=" + GET_FIELDS;
  }

  String attachment(String message, String attachment) {
    return user("messages/") + encode(message) + "/attachments/" + encode(attachment);
  }

  private String format(MessageFormat format) {
    return "?format="
        + format.wireName()
        + (format == MessageFormat.METADATA ? metadataHeaders : "");
  }

  String thread(String id, MessageFormat format) {
    return user("threads/")
        + encode(id)
        + format(format)
        + "&fields=id,messages("
        + GET_FIELDS
        + ")";
  }

  String list(
      int maxResults, String pageToken, boolean includeSpamTrash, String q, List<String> labelIds) {
    StringBuilder path =
        new StringBuilder(user("messages"))
            .append("?maxResults=")
            .append(maxResults)
            .append("&fields=messages(id,threadId),nextPageToken,resultSizeEstimate");
    if (includeSpamTrash) {
      path.append("&includeSpamTrash=true");
    }
    parameter(path, "pageToken", pageToken);
    parameter(path, "q", q);
    labelIds.forEach(label -> parameter(path, "labelIds", label));
    return path.toString();
  }

  String history(String startHistoryId, String pageToken, int maxResults) {
    StringBuilder path =
        new StringBuilder(user("history"))
            .append("?maxResults=")
            .append(maxResults)
            .append("&fields=history(id,messagesAdded")
            .append(CHANGE)
            .append(",messagesDeleted")
            .append(CHANGE)
            .append(",labelsAdded")
            .append(CHANGE)
            .append(",labelsRemoved")
            .append(CHANGE)
            .append("),nextPageToken,historyId");
    parameter(path, "startHistoryId", startHistoryId);
    parameter(path, "pageToken", pageToken);
    return path.toString();
  }

  /** The API's method behind an address, one of {@link CallWatch#METHODS}. */
  static String method(String path) {
    int query = path.indexOf('?');
    String bare = query < 0 ? path : path.substring(0, query);
    if (bare.endsWith("batch/gmail/v1")) {
      return "batch";
    }
    int me = bare.indexOf(ME);
    String rest = me < 0 ? "" : bare.substring(me + ME.length());
    return switch (rest) {
      case "profile", "watch", "history" -> rest;
      case "messages" -> "list";
      default ->
          rest.startsWith("threads/")
              ? "thread"
              : !rest.startsWith("messages/")
                  ? "other"
                  : rest.contains("/attachments/") ? "attachment" : "get";
    };
  }

  private String user(String method) {
    return root + ME + method;
  }

  private static void parameter(StringBuilder path, String name, String value) {
    if (value != null) {
      path.append('&').append(name).append('=').append(encode(value));
    }
  }

  /** Nothing that comes from outside can leave its place in the path or end the line. */
  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
