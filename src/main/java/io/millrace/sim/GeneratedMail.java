package io.millrace.sim;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One made-up message; what is not asked for is not made. */
final class GeneratedMail implements Mail {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.US).withZone(ZoneOffset.UTC);
  private static final List<String> FILES =
      List.of("report.pdf", "Rechnung März.pdf", "photo.jpg", "budget.xlsx", "会議資料.pdf", "notes");
  private static final List<String> DOMAINS =
      List.of("example.com", "example.org", "example.net", "mail.example.com", "shop.example.net");
  private static final int CORRESPONDENTS = 300;

  private final GeneratedStore store;
  private final int index;
  private final long seed;
  private final int[] thread;
  private final int place;
  private final Language language;
  private final int textSize;
  private final int htmlSize;
  private final int[] fileSizes;

  GeneratedMail(GeneratedStore store, int index) {
    this.store = store;
    this.index = index;
    this.seed = store.seed(index);
    this.thread = store.thread(index);
    int found = 0;
    while (thread[found] != index) {
      found++;
    }
    this.place = found;
    this.language = new Draw(rootSeed() + 5).pick(Language.ALL);
    Draw draw = new Draw(seed + 2000);
    int shape = draw.below(100);
    this.textSize = shape < 90 ? draw.size(1_500, .9, 80, 200_000) : 0;
    this.htmlSize = shape >= 20 ? draw.size(13_000, 1, 600, 500_000) : 0;
    this.fileSizes = new int[draw.chance(.12) ? 1 + draw.below(3) : 0];
    for (int i = 0; i < fileSizes.length; i++) {
      fileSizes[i] = draw.size(50_000, 1.2, 500, 300_000);
    }
  }

  @Override
  public String mimeType() {
    if (fileSizes.length > 0) {
      return "multipart/mixed";
    }
    if (textSize > 0 && htmlSize > 0) {
      return "multipart/alternative";
    }
    return htmlSize > 0 ? "text/html" : "text/plain";
  }

  @Override
  public String snippet() {
    int size = Math.min(180, Math.max(textSize, 60));
    return new String(language.body(Hash.below(seed, 1 << 16), size), StandardCharsets.UTF_8)
        .replace('\n', ' ')
        .strip();
  }

  @Override
  public int sizeEstimate() {
    int size = textSize + htmlSize;
    for (int file : fileSizes) {
      size += file;
    }
    return 2_600 + size + size / 3;
  }

  @Override
  public List<Header> headers() {
    Draw draw = new Draw(seed + 3000);
    boolean sent = store.sent(index);
    List<Header> headers = new ArrayList<>(24);
    if (!sent) {
      addTrace(headers, draw);
    }
    long date = store.date(index);
    add(headers, "MIME-Version", "1.0");
    String other = correspondent(place == 0 ? draw.below(1 << 20) : (int) rootSeed());
    add(headers, "From", sent ? owner() : other);
    add(headers, "To", sent ? other : owner());
    for (int i = draw.below(5) - 3; i > 0; i--) {
      add(headers, "Cc", correspondent(draw.below(1 << 20)));
    }
    String subject = new Draw(rootSeed()).chance(.02) ? "" : subject();
    add(headers, "Subject", language.encode(subject));
    add(headers, "Date", DATE.format(Instant.ofEpochMilli(date)));
    add(headers, "Message-ID", messageId(index));
    if (place < thread.length - 1) {
      add(headers, "In-Reply-To", messageId(thread[place + 1]));
      StringBuilder references = new StringBuilder();
      for (int i = thread.length - 1; i > place; i--) {
        references.append(references.isEmpty() ? "" : " ").append(messageId(thread[i]));
      }
      add(headers, "References", references.toString());
    }
    addExtra(headers, draw, sent);
    add(headers, "Content-Type", contentType());
    if (!mimeType().startsWith("multipart/")) {
      add(headers, "Content-Transfer-Encoding", "base64");
    }
    return headers;
  }

  @Override
  public Part payload() {
    return new GeneratedParts(seed, language, textSize, htmlSize, fileSizes, FILES)
        .tree(mimeType(), headers());
  }

  @Override
  public byte[] raw() {
    return RawMail.render(payload());
  }

  private void addTrace(List<Header> headers, Draw draw) {
    String host = "mail-" + Hash.hex(draw.next()).substring(0, 6) + ".example.net";
    String date = DATE.format(Instant.ofEpochMilli(store.date(index)));
    add(headers, "Delivered-To", store.email());
    add(
        headers,
        "Received",
        "by 2002:a05:7300:"
            + Hash.hex(draw.next()).substring(0, 4)
            + ":b0 with SMTP id "
            + draw.letters(18).toLowerCase(Locale.ROOT)
            + "; "
            + date);
    add(headers, "X-Received", "by 2002:a17:906:" + draw.letters(8) + " with SMTP; " + date);
    add(
        headers,
        "ARC-Seal",
        "i=1; a=rsa-sha256; t=1700000000; cv=none; d=example.com; s=arc-20240605; b="
            + draw.letters(130));
    add(headers, "Return-Path", "<bounce-" + draw.letters(12) + "@" + host + ">");
    add(
        headers,
        "Received",
        "from "
            + host
            + " ("
            + host
            + ". [203.0.113."
            + draw.below(255)
            + "]) by mx.example.com"
            + " with ESMTPS id "
            + draw.letters(20)
            + " for <"
            + store.email()
            + ">"
            + " (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256); "
            + date);
    add(
        headers,
        "Received-SPF",
        "pass (example.com: domain of bounce@"
            + host
            + " designates 203.0.113.9 as permitted"
            + " sender) client-ip=203.0.113.9;");
    add(
        headers,
        "Authentication-Results",
        "mx.example.com; dkim=pass header.i=@example.com header.s=s1 header.b="
            + draw.letters(8)
            + "; spf=pass smtp.mailfrom=bounce@"
            + host
            + "; dmarc=pass (p=NONE sp=NONE)");
    add(
        headers,
        "DKIM-Signature",
        "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1; h=from:to:subject:date:"
            + "message-id:mime-version; bh="
            + draw.letters(43)
            + "=; b="
            + draw.letters(150));
  }

  private static void addExtra(List<Header> headers, Draw draw, boolean sent) {
    if (sent) {
      add(headers, "User-Agent", "Mozilla Thunderbird");
    } else if (draw.chance(.4)) {
      String list = draw.letters(10).toLowerCase(Locale.ROOT).replace('/', 'x').replace('+', 'y');
      add(headers, "List-Id", "<" + list + ".example.net>");
      add(headers, "List-Unsubscribe", "<https://example.net/u/" + draw.letters(30) + ">");
      add(headers, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
      add(headers, "Precedence", "bulk");
      add(headers, "Feedback-ID", draw.letters(16) + ":example");
    }
  }

  private static void add(List<Header> headers, String name, String value) {
    headers.add(new Header(name, value));
  }

  private String subject() {
    Draw draw = new Draw(rootSeed() + 6);
    String phrase = language.phrase(draw, 2 + draw.below(5));
    return place < thread.length - 1 ? "Re: " + phrase : phrase;
  }

  private String owner() {
    return store.email();
  }

  /** Few people write most of the mail: the choice is squared towards the first ones. */
  private String correspondent(int choice) {
    double unit = Hash.unit(Hash.mix(choice));
    int number = (int) (unit * unit * CORRESPONDENTS);
    Draw draw = new Draw(Hash.of(store.key(), 9, number));
    Language own = draw.pick(Language.ALL);
    String name = draw.pick(own.names);
    String address = "person" + number + "@" + draw.pick(DOMAINS);
    return switch (draw.below(6)) {
      case 0 -> address;
      case 1 -> "<" + address + ">";
      case 2 -> "\"" + address + "\" <" + address + ">";
      default -> own.encode(name) + " <" + address + ">";
    };
  }

  private String messageId(int of) {
    return "<" + Hash.hex(Hash.of(store.id(of), 4)) + "@example.com>";
  }

  private long rootSeed() {
    return store.seed(thread[thread.length - 1]);
  }

  private String contentType() {
    String type = mimeType();
    return type.startsWith("multipart/")
        ? type + "; boundary=\"" + GeneratedParts.boundary(seed, "") + "\""
        : type + "; charset=" + language.charset;
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
