package io.millrace.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * One API call, understood from its HTTP method and address.
 *
 * @param user {@code me} or an address
 * @param id of the message, thread or label; null for lists
 * @param attachment the attachment's id, or null
 */
record Call(ApiMethod method, String user, String id, String attachment, Params params) {
  private static final String PREFIX = "/gmail/v1/users/";

  /**
   * Understands a relative or absolute address; throws 404 when nothing is served there.
   *
   * @param body what is posted; its fields count as parameters
   */
  static Call parse(String httpMethod, String address, Params body) {
    String target = relative(address);
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    if (!path.startsWith(PREFIX)) {
      throw new ApiException(GoogleError.NOT_FOUND);
    }
    List<String> steps = steps(path.substring(PREFIX.length()));
    ApiMethod method = method(steps);
    boolean posted = method == ApiMethod.WATCH || method == ApiMethod.STOP;
    if (!httpMethod.equals(posted ? "POST" : "GET")) {
      throw new ApiException(GoogleError.NOT_FOUND);
    }
    Params params = posted ? body : Params.parse(mark < 0 ? "" : target.substring(mark + 1));
    String id = steps.size() > 2 ? steps.get(2) : null;
    String attachment = steps.size() == 5 ? steps.get(4) : null;
    return new Call(method, steps.get(0), id, attachment, params);
  }

  private static ApiMethod method(List<String> steps) {
    String collection = steps.size() > 1 ? steps.get(1) : "";
    ApiMethod method =
        switch (steps.size()) {
          case 2 ->
              switch (collection) {
                case "messages" -> ApiMethod.MESSAGES_LIST;
                case "threads" -> ApiMethod.THREADS_LIST;
                case "history" -> ApiMethod.HISTORY_LIST;
                case "profile" -> ApiMethod.PROFILE_GET;
                case "labels" -> ApiMethod.LABELS_LIST;
                case "watch" -> ApiMethod.WATCH;
                case "stop" -> ApiMethod.STOP;
                default -> null;
              };
          case 3 ->
              switch (collection) {
                case "messages" -> ApiMethod.MESSAGES_GET;
                case "threads" -> ApiMethod.THREADS_GET;
                case "labels" -> ApiMethod.LABELS_GET;
                default -> null;
              };
          case 5 ->
              collection.equals("messages") && steps.get(3).equals("attachments")
                  ? ApiMethod.ATTACHMENTS_GET
                  : null;
          default -> null;
        };
    if (method == null) {
      throw new ApiException(GoogleError.NOT_FOUND);
    }
    return method;
  }

  /** What the call is about, so that the same call again is a next attempt at the same thing. */
  long subject() {
    String page = params.get("pageToken");
    String about = (id == null ? "" : id) + (attachment == null ? "" : attachment);
    return Hash.of(method.name().hashCode(), Hash.of(about), page == null ? 0 : Hash.of(page));
  }

  private static String relative(String address) {
    int scheme = address.indexOf("://");
    if (scheme < 0 || scheme > 5) {
      return address;
    }
    int slash = address.indexOf('/', scheme + 3);
    return slash < 0 ? "/" : address.substring(slash);
  }

  private static List<String> steps(String path) {
    List<String> steps = new ArrayList<>(5);
    int from = 0;
    while (from <= path.length()) {
      int slash = path.indexOf('/', from);
      slash = slash < 0 ? path.length() : slash;
      steps.add(Params.decode(path.substring(from, slash)));
      from = slash + 1;
    }
    return steps;
  }
}
