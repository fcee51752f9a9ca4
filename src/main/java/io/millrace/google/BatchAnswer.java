package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.Unavailable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the answer to a batch of gets: {@code multipart/mixed} with an HTTP answer in each part.
 *
 * <p>Written to be robust rather than strict: lines may end in LF alone, there may be a preamble,
 * the closing boundary may be missing. Where a part's JSON ends is known by parsing it, not by
 * looking for the boundary, so nothing within a mail can end a part. Not thread-safe; used once.
 */
final class BatchAnswer {
  private static final int LONGEST_LINE = 8192;

  private record Part(String contentId, PartResult result, String jsonId) {}

  private final byte[] bytes;
  private final byte[] delimiter;
  private final List<String> ids;
  private final MessageFormat format;
  private final Instant now;
  private int at;

  private BatchAnswer(
      byte[] bytes, byte[] delimiter, List<String> ids, MessageFormat format, Instant now) {
    this.bytes = bytes;
    this.delimiter = delimiter;
    this.ids = ids;
    this.format = format;
    this.now = now;
  }

  /**
   * @param contentType of the whole answer
   * @param ids as asked for, in the order of the parts of the request
   * @return one result for each id, in their order
   * @throws GoogleException if it is no multipart at all
   */
  static List<PartResult> read(
      byte[] bytes, String contentType, List<String> ids, MessageFormat format, Instant now) {
    byte[] delimiter = delimiter(contentType, bytes);
    if (delimiter == null) {
      throw new GoogleException(new Malformed("an answer to a batch that is no multipart."));
    }
    return new BatchAnswer(bytes, delimiter, ids, format, now).match();
  }

  /** Gives each id its part: by Content-ID, or, if none is known, by order if the count fits. */
  private List<PartResult> match() {
    List<Part> parts = parts();
    PartResult[] results = new PartResult[ids.size()];
    boolean named = false;
    for (Part part : parts) {
      int index = BatchRequest.index(part.contentId(), results.length);
      if (index >= 0) {
        named = true;
        // A part that comes twice: the first counts.
        if (results[index] == null) {
          results[index] = checked(part, ids.get(index));
        }
      }
    }
    if (!named && parts.size() == results.length) {
      for (int i = 0; i < results.length; i++) {
        results[i] = checked(parts.get(i), ids.get(i));
      }
    }
    for (int i = 0; i < results.length; i++) {
      if (results[i] == null) {
        results[i] =
            PartResult.failed(ids.get(i), new Unavailable("its part of the batch is missing."));
      }
    }
    return List.of(results);
  }

  private static PartResult checked(Part part, String id) {
    PartResult result = part.result();
    if (result.data() == null) {
      return PartResult.failed(id, result.failure());
    }
    return part.jsonId().equals(id)
        ? result
        : PartResult.failed(id, new Malformed("another message than the one asked for."));
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    try (PayloadDeflater deflater = new PayloadDeflater()) {
      // One more than asked is kept at the most, so that a wrong count is seen.
      while (parts.size() <= 2 * ids.size() && toNextPart()) {
        parts.add(part(deflater));
      }
    }
    return parts;
  }

  private Part part(PayloadDeflater deflater) {
    Map<String, String> outer = headers();
    String statusLine = line();
    while (statusLine != null && statusLine.isEmpty()) {
      statusLine = line();
    }
    String contentId = outer.get("content-id");
    int status = status(statusLine);
    if (status < 0) {
      return failed(contentId, new Malformed("a part of a batch without a status."));
    }
    Map<String, String> inner = headers();
    int from = at;
    try (JsonParser p = Json.parser(bytes, from, bytes.length - from)) {
      if (status == 200 && p.nextToken() == JsonToken.START_OBJECT) {
        MessageJson read = MessageJson.read(p, bytes, from);
        at = Math.max(from, read.end());
        if (read.problem() == null) {
          MessageData data = read.data(format, deflater);
          return new Part(contentId, PartResult.of(data), data.id());
        }
        if (read.id() != null) {
          return failed(contentId, new Malformed(read.problem()));
        }
      } else if (status != 200 && startsObject() && p.nextToken() == JsonToken.START_OBJECT) {
        p.skipChildren();
        at = Math.max(from, from + (int) p.currentLocation().getByteOffset());
      }
    } catch (IOException e) {
      at = from;
      if (status == 200) {
        return failed(contentId, new Malformed("a part of a batch with broken JSON."));
      }
    }
    int to = at > from ? at : nextDelimiter(from);
    return failed(contentId, Failures.classify(status, inner::get, bytes, from, to - from, now));
  }

  private static Part failed(String contentId, GoogleFailure failure) {
    return new Part(contentId, PartResult.failed("", failure), null);
  }

  private boolean startsObject() {
    int i = at;
    while (i < bytes.length && (bytes[i] == ' ' || bytes[i] == '\r' || bytes[i] == '\n')) {
      i++;
    }
    return i < bytes.length && bytes[i] == '{';
  }

  /** Goes behind the next delimiter; false if it was the closing one or there is none. */
  private boolean toNextPart() {
    int found = nextDelimiter(at);
    int behind = found + delimiter.length;
    if (behind >= bytes.length
        || (bytes[behind] == '-' && behind + 1 < bytes.length && bytes[behind + 1] == '-')) {
      return false;
    }
    at = behind;
    line();
    return true;
  }

  /** The next delimiter at the beginning of a line, from an offset on; the end if there is none. */
  private int nextDelimiter(int from) {
    int last = bytes.length - delimiter.length;
    for (int i = from; i <= last; i++) {
      if (bytes[i] == '-'
          && (i == 0 || i == at || bytes[i - 1] == '\n')
          && matches(i)
          && endsWell(i + delimiter.length)) {
        return i;
      }
    }
    return bytes.length;
  }

  private boolean nextIsDelimiter() {
    return bytes[at] == '-'
        && at > 0
        && bytes[at - 1] == '\n'
        && at + delimiter.length <= bytes.length
        && matches(at)
        && endsWell(at + delimiter.length);
  }

  private boolean matches(int from) {
    for (int i = 0; i < delimiter.length; i++) {
      if (bytes[from + i] != delimiter[i]) {
        return false;
      }
    }
    return true;
  }

  /** A boundary may be the beginning of a longer one. */
  private boolean endsWell(int i) {
    return i >= bytes.length || " \t\r\n-".indexOf(bytes[i]) >= 0;
  }

  /** The next line without its end, or null at the end and where the next part begins. */
  private String line() {
    if (at >= bytes.length || nextIsDelimiter()) {
      return null;
    }
    int from = at;
    while (at < bytes.length && bytes[at] != '\n') {
      at++;
    }
    int to = at > from && bytes[at - 1] == '\r' ? at - 1 : at;
    at = Math.min(at + 1, bytes.length);
    return new String(bytes, from, Math.min(to - from, LONGEST_LINE), StandardCharsets.ISO_8859_1);
  }

  /** Headers up to an empty line, with names in lower case. */
  private Map<String, String> headers() {
    Map<String, String> headers = new HashMap<>();
    String line;
    while ((line = line()) != null && !line.isEmpty()) {
      int colon = line.indexOf(':');
      if (colon > 0 && headers.size() < 100) {
        headers.putIfAbsent(
            line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
            line.substring(colon + 1).strip());
      }
    }
    return headers;
  }

  private static int status(String line) {
    if (line == null || !line.startsWith("HTTP/")) {
      return -1;
    }
    int space = line.indexOf(' ');
    if (space < 0 || line.length() < space + 4) {
      return -1;
    }
    int status = 0;
    for (int i = space + 1; i < space + 4; i++) {
      int digit = line.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      status = 10 * status + digit;
    }
    return status;
  }

  /** From the content type, or else from the text's first line if that looks like one. */
  private static byte[] delimiter(String contentType, byte[] bytes) {
    String type = contentType == null ? "" : contentType;
    int found = type.toLowerCase(Locale.ROOT).indexOf("boundary=");
    String boundary = null;
    if (found >= 0) {
      boundary = type.substring(found + 9).strip();
      boolean quoted = boundary.startsWith("\"");
      int end = quoted ? boundary.indexOf('"', 1) : boundary.indexOf(';');
      boundary = boundary.substring(quoted ? 1 : 0, end < 0 ? boundary.length() : end).strip();
    } else if (bytes.length > 3 && bytes[0] == '-' && bytes[1] == '-') {
      int end = 2;
      while (end < bytes.length && end < 80 && bytes[end] > ' ') {
        end++;
      }
      boundary = new String(bytes, 2, end - 2, StandardCharsets.ISO_8859_1);
    }
    return boundary == null || boundary.isEmpty()
        ? null
        : ("--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
  }
}
