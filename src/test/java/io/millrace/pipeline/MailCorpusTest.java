package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real and malformed mail that lies beside the checkout; see the README there for its sources. */
class MailCorpusTest {
  private static Path data;

  @BeforeAll
  static void find() {
    String shared = System.getenv("MILLRACE_SHARED");
    data = Path.of(shared == null ? "../shared" : shared, "data");
    assumeTrue(Files.isDirectory(data.resolve("mime")), "skipped: no mail in " + data);
  }

  @Test
  void everyMalformedMessageHasAnAnswer() throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(data.resolve("mime"))) {
      files = list.filter(f -> f.toString().endsWith(".msg")).toList();
    }
    assertEquals(48, files.size());
    for (Path file : files) {
      Interaction i = read(file.getFileName().toString());
      assertTrue(i.flaws().stream().allMatch("address-broken"::equals), file + " " + i.flaws());
    }
  }

  @Test
  void german() throws IOException {
    Interaction i = read("german.msg");
    assertEquals("Re: 34Mbit/s Netz", i.subject());
    assertEquals(
        List.of(
            new Participant(
                Role.FROM, new Address("Guenter Deuschle", "deuschle@mnh.telekom.de", null)),
            new Participant(Role.TO, new Address("Juergen Specht", "specht@kulturbox.de", null))),
        i.participants());
    assertEquals("199606191814.SAA30680@ULM02.mnh.telekom.de", i.rfcMessageId());
    assertTrue(i.text().startsWith("Hallo Herr Specht,\nentschuldigen Sie vorab"), i.text());
    assertTrue(i.text().contains("steht der POP schon zur Verfügung! Standort"), i.text());
  }

  @Test
  void namesInManyCharsets() throws IOException {
    Interaction i = read("intl.msg");
    assertEquals("If you can read this you understand the example... so, cool!", i.subject());
    assertEquals(
        List.of(
            new Participant(Role.FROM, new Address("Keith Moore", "moore@cs.utk.edu", null)),
            new Participant(Role.TO, new Address("Keld Jørn Simonsen", "keld@dkuug.dk", null)),
            new Participant(Role.CC, new Address("André Pirard", "pirard@vm1.ulg.ac.be", null)),
            new Participant(Role.BCC, new Address("Patrik Fältström", "paf@nada.kth.se", null))),
        i.participants());
    assertEquals("How's this?", i.text());
  }

  @Test
  void namesOfAttachments() throws IOException {
    Interaction russian = read("russian.msg");
    assertEquals("Список.doc", russian.attachments().get(0).filename());
    assertEquals("", russian.text());
    for (String charset : List.of("Latin1", "UTF8")) {
      Interaction i = read("attachment-filename-encoding-" + charset + ".msg");
      assertEquals(
          List.of(new Attachment("attachment.äöü", "text/plain", 5, "ANGjdJ1", "1", null, false)),
          i.attachments());
      assertEquals("Attachment Test", i.text());
    }
  }

  @Test
  void partsWithinParts() throws IOException {
    Interaction i = read("multi-nested.msg");
    assertEquals("A complex nested multipart example", i.subject());
    assertEquals(
        List.of(
            new Attachment("3d-vise.gif", "image/gif", 419, "ANGjdJ2.0", "2.0", null, true),
            new Attachment("3d-eye.gif", "image/gif", 357, "ANGjdJ2.1", "2.1", null, true)),
        i.attachments());
    String text =
        """
        Part 1 of the outer message.
        [Note that the preceding blank line means
        no header fields were given and this is text,
        with charset US ASCII.  It could have been
        done with explicit typing as in the next part.]

        Part 2 of the outer message.
        This could have been part of the previous part,
        but illustrates explicit versus implicit
        typing of body parts.
        """;
    assertTrue(i.text().startsWith(text), i.text());
    assertTrue(i.text().contains("\n\n---------- Forwarded message ----------\n"), i.text());
  }

  /**
   * The expected numbers were counted with Python's email package, apart from this code.
   *
   * <p>From: 1,899 by getaddresses and {@code [^@\\s]+@[^@\\s]+}; one more has a lawful quoted
   * local part, and four less have an encoded address for a local part, which makes two at signs.
   * Senders, lower-case: 863, one more and three less for the same reasons. Subject not blank:
   * 1,893. Message-ID: 1,900. References: 670.
   *
   * <p>Text: 1,898 have a text part that is not blank and has no file name; one of the other two is
   * a single HTML part with a name, which is shown; the last one's boundary is not the one that its
   * header tells. Looked at by eye, three of the 1,899 have HTML of nothing but images or a frame.
   */
  @Test
  void realMail() throws IOException {
    List<byte[]> mails = mbox();
    int from = 0;
    int subject = 0;
    int text = 0;
    int ids = 0;
    int references = 0;
    Set<String> senders = new HashSet<>();
    List<String> silent = new ArrayList<>();
    for (int k = 0; k < mails.size(); k++) {
      Interaction i =
          EmailNormalizer.normalize(MimeToPayload.source("m" + k, mails.get(k)), "me@x.org");
      List<String> own =
          i.participants().stream()
              .filter(p -> p.role() == Role.FROM && p.address().address() != null)
              .map(p -> p.address().address())
              .toList();
      senders.addAll(own);
      from += own.isEmpty() ? 0 : 1;
      subject += i.subject().isEmpty() ? 0 : 1;
      text += i.text().isEmpty() ? 0 : 1;
      ids += i.rfcMessageId() == null ? 0 : 1;
      references += i.references().isEmpty() ? 0 : 1;
      if (i.text().isEmpty()) {
        silent.add(i.messageId());
      }
      assertTrue(i.flaws().stream().noneMatch(f -> f.startsWith("internal:")), "mail " + k);
    }
    assertEquals(1_900, mails.size());
    assertEquals(1_900 - 4, from);
    assertEquals(1_893, subject);
    assertEquals(1_900, ids);
    assertEquals(670, references);
    assertEquals(863 + 1 - 3, senders.size());
    assertEquals(1_899 - 3, text);
    assertEquals(List.of("m1538", "m1706", "m1728", "m1866"), silent);
  }

  private static Interaction read(String name) throws IOException {
    byte[] mime = Files.readAllBytes(data.resolve("mime").resolve(name));
    return EmailNormalizer.normalize(MimeToPayload.source(name, mime), "me@x.org");
  }

  private static List<byte[]> mbox() throws IOException {
    String all;
    try (InputStream in =
        new GZIPInputStream(Files.newInputStream(data.resolve("mail").resolve("mail.mbox.gz")))) {
      all = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
    List<byte[]> out = new ArrayList<>();
    Matcher line = Pattern.compile("(?m)^From .*\\n").matcher(all);
    int begin = line.find() ? line.end() : all.length();
    while (begin < all.length()) {
      boolean more = line.find();
      String mail = all.substring(begin, more ? line.start() : all.length());
      out.add(mail.replaceAll("(?m)^>(>*From )", "$1").getBytes(StandardCharsets.ISO_8859_1));
      begin = more ? line.end() : all.length();
    }
    return out;
  }
}
