package io.millrace.google;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PathsTest {
  @Test
  void everyAddressTellsItsMethod() {
    for (String root : List.of("https://gmail.googleapis.com/", "http://localhost:1/below/it/")) {
      Paths paths = new Paths(URI.create(root), List.of("From"));
      assertEquals("profile", Paths.method(paths.profile()));
      assertEquals("watch", Paths.method(paths.watch()));
      assertEquals("list", Paths.method(paths.list(10, null, true, "a/messages/b", List.of())));
      assertEquals("get", Paths.method(paths.get("attachments", MessageFormat.FULL)));
      assertEquals("attachment", Paths.method(paths.attachment("a", "b")));
      assertEquals("thread", Paths.method(paths.thread("a", MessageFormat.METADATA)));
      assertEquals("history", Paths.method(paths.history("1", null, 10)));
      assertEquals("batch", Paths.method(paths.batch()));
    }
    assertEquals("other", Paths.method("/anything/else"));
  }

  @Test
  void everyStatusHasAClass() {
    IntStream.of(0, 200, 204, 301, 400, 401, 403, 404, 410, 412, 429, 500, 503, 599)
        .mapToObj(CallWatch::answer)
        .forEach(answer -> assertTrue(CallWatch.ANSWERS.contains(answer), answer));
  }
}
