package io.millrace.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mbox files of every kind become mailboxes. */
class MboxTest {
  private static final Path SHARED =
      Path.of(System.getenv().getOrDefault("MILLRACE_SHARED", "../shared"));

  @TempDir private Path folder;

  private MboxStore open(String text) throws IOException {
    Path file = folder.resolve("test.mbox");
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    return MboxStore.open(file, 1, "a@example.com");
  }

  private static String raw(MboxStore store, int index) {
    return new String(store.mail(index).raw(), StandardCharsets.ISO_8859_1);
  }

  private static final String FROM = "From a@b Thu Aug 22 12:00:00 2002\n";

  @Test
  void escapedFromLinesLoseOneMark() throws IOException {
    try (Closing box = new Closing(open(FROM + "Subject: x\n\n>From me\n>>From you\n>Fro\n\n"))) {
      assertEquals("Subject: x\r\n\r\nFrom me\r\n>From you\r\n>Fro\r\n", raw(box.store, 0));
    }
  }

  @Test
  void fromInsideABodyBeginsNoMessage() throws IOException {
    String body = "Hello\nFrom b@c Thu Aug 22 12:00:00 2002\n\nFrom here on it is text\n\n";
    try (Closing box =
        new Closing(open(FROM + "Subject: x\n\n" + body + FROM + "Subject: y\n\n"))) {
      assertEquals(2, box.store.size());
    }
  }

  @Test
  void lineEndsAndAMissingLastOneDoNotMatter() throws IOException {
    String text =
        (FROM + "Subject: x\n\none\n\n" + FROM + "Subject: y\n\ntwo").replace("\n", "\r\n");
    try (Closing box = new Closing(open(text))) {
      assertEquals(2, box.store.size());
      assertEquals("Subject: x\r\n\r\none\r\n", raw(box.store, 0));
      assertEquals("Subject: y\r\n\r\ntwo", raw(box.store, 1));
    }
  }

  @Test
  void anEmptyFileIsAnEmptyMailboxAndAnotherFileIsRefused() throws IOException {
    try (Closing box = new Closing(open(""))) {
      assertEquals(0, box.store.size());
    }
    assertThrows(SimException.class, () -> open("<html>"));
    Path nowhere = folder.resolve("nowhere.mbox");
    SimException missing =
        assertThrows(SimException.class, () -> MboxStore.open(nowhere, 1, "a@example.com"));
    assertTrue(missing.getMessage().contains("nowhere.mbox"));
  }

  @Test
  void takeoutLabelsAndThreadsAreKept() throws IOException {
    String text =
        FROM
            + "X-GM-THRID: 7\nX-Gmail-Labels: =?UTF-8?Q?Inbox,Unread,\"Caf=C3=A9,_Bar\"?=\n\nx\n\n"
            + FROM
            + "X-GM-THRID: 7\nX-Gmail-Labels: Archived,Category Updates,Opened\n\nx\n\n"
            + FROM
            + "X-GM-THRID: 8\nX-Gmail-Labels: Sent\n\nx\n";
    try (Closing box = new Closing(open(text))) {
      assertEquals(List.of("INBOX", "UNREAD", "Label_1"), box.store.labels(0));
      assertEquals(List.of("Café, Bar"), box.store.userLabels());
      assertEquals(List.of("CATEGORY_UPDATES"), box.store.labels(1));
      assertEquals(box.store.threadId(0), box.store.threadId(1));
      assertEquals(2, box.store.threadCount());
    }
  }

  @Test
  void datesComeFromTheHeaderElseFromTheSeparator() {
    long noon = 1_030_017_600_000L;
    assertEquals(noon, MailDates.of("Thu, 22 Aug 2002 14:00:00 +0200 (CEST)", ""));
    assertEquals(noon, MailDates.of("22 Aug 02 08:00 EDT", ""));
    assertEquals(noon, MailDates.of("nonsense", "From a@b Thu Aug 22 12:00:00 2002"));
    assertEquals(noon, MailDates.of("", "From 123@xxx Thu Aug 22 12:00:00 +0000 2002"));
    assertEquals(MailDates.UNKNOWN, MailDates.of("", ""));
  }

  @Test
  void compressedFilesAreUnpackedAndTidiedUp() throws IOException {
    Path file = folder.resolve("x.mbox.gz");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write((FROM + "Subject: x\n\nbody\n").getBytes(StandardCharsets.US_ASCII));
    }
    try (Closing box = new Closing(MboxStore.open(file, 1, "a@example.com"))) {
      assertEquals("Subject: x\r\n\r\nbody\r\n", raw(box.store, 0));
    }
    Files.write(file, new byte[] {1, 2, 3});
    assertThrows(SimException.class, () -> MboxStore.open(file, 1, "a@example.com"));
  }

  @Test
  void realMailHasTheCountsThatWereCountedElsewhere() {
    Path file = SHARED.resolve("data/mail/mail.mbox.gz");
    assumeTrue(Files.exists(file), "no shared mail here");
    try (Closing box = new Closing(MboxStore.open(file, 1, "a@example.com"))) {
      MboxStore store = box.store;
      Map<Long, Integer> inbox = new HashMap<>();
      Map<Long, Integer> spam = new HashMap<>();
      for (int i = 0; i < store.size(); i++) {
        boolean junk = store.labels(i).contains("SPAM");
        (junk ? spam : inbox).merge(store.threadId(i), 1, Integer::sum);
        assertEquals(i, store.index(store.id(i)));
        assertFalse(json(store, i).isEmpty());
      }
      assertEquals(1900, store.size());
      assertEquals(675, inbox.size());
      assertEquals(500, spam.size());
      assertEquals(1400, inbox.values().stream().mapToInt(n -> n).sum());
      assertEquals(743, inbox.values().stream().mapToInt(n -> n).filter(n -> n > 2).sum());
    }
  }

  @Test
  void malformedMessagesAreShownInEveryFormat() throws IOException {
    Path corpus = SHARED.resolve("data/mime");
    assumeTrue(Files.exists(corpus), "no shared messages here");
    List<Path> files;
    try (Stream<Path> all = Files.list(corpus)) {
      files = all.filter(file -> file.toString().endsWith(".msg")).sorted().toList();
    }
    int parts = 0;
    for (Path file : files) {
      MimeMail mail = new MimeMail(Files.readAllBytes(file));
      assertFalse(mail.headers().isEmpty(), file.toString());
      parts += count(mail.payload());
      mail.snippet();
    }
    assertTrue(files.size() > 40 && parts > 150, files.size() + " files, " + parts + " parts");
  }

  private static int count(Part part) {
    return 1 + part.parts().stream().mapToInt(MboxTest::count).sum();
  }

  private static JsonObject json(MailStore store, int index) {
    Quota quota = new Quota(QuotaProfile.named("unlimited"), SimClock.system(1), Integer.MAX_VALUE);
    Mailbox mailbox =
        new Mailbox(new SimAccount("a", "b"), 1, store, quota.user(), new FaultPlan(1, "none"));
    JsonObject last = null;
    for (String format : new ArrayList<>(List.of("minimal", "metadata", "full", "raw"))) {
      JsonOut out = new JsonOut(1024);
      new MessageJson(mailbox, out).write(index, format, List.of());
      last = new JsonObject(new String(out.toBytes(), StandardCharsets.UTF_8));
    }
    return last;
  }

  private record Closing(MboxStore store) implements AutoCloseable {
    @Override
    public void close() {
      store.close();
    }
  }
}
