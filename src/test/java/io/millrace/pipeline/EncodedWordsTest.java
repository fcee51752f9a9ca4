package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncodedWordsTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "plain, plain",
        "=?utf-8?Q?a_b=C3=A4?=, a bä",
        "a =?utf-8?B?w6Q=?= b, a ä b",
        "=?utf-8?B?w6Q=?= =?utf-8?B?w6Q=?=, ää",
        "=?utf-8?B?w6TD?=  =?UTF-8?B?pA==?=, ää",
        "=?utf-8?Q?=E2=82?= =?utf-8?Q?=AC?=, €",
        "=?utf-8?Q?a?==?iso-8859-1?Q?=E4?=, aä",
        "=?utf-8?B?w6Q?=, ä",
        "=?utf-8?B?w6*Q=?=, ä",
        "=?utf-8*de?Q?=C3=A4?=, ä",
        "=?iso-8859-8-i?Q?=F9=EC=E5=ED?=, שלום",
        "=?x-unknown?Q?=E4?=, ä",
        "=?us-ascii?Q?=C3=A4?=, ä",
        "=?us-ascii?Q?=E4?=, ä",
        "=?unicode-1-1-utf-7?Q?Hi_+AOQ-!_1_+-_1?=, Hi ä! 1 + 1",
        "=?ks_c_5601-1987?B?x9Gx2w==?=, 한글",
        "=?gb2312?B?1tDOxA==?=, 中文",
        "=?gb2312?B?nEA=?=, 淍",
        "=?latin1?Q?=80?=, €",
        "=?cp-850?Q?=84?=, ä",
        "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=, 日本",
        "=?shift_jis?B?k/qWew==?=, 日本",
        "=?koi8-r?B?89DJ08/L?=, Список",
        "=?utf-8?Q?open, =?utf-8?Q?open",
        "a =? b ?= c, a =? b ?= c",
        "=?utf-8?X?a?=, =?utf-8?X?a?=",
        "=?utf-8?Q?=ZZ=4?=, =ZZ=4",
        "JÃ¶rg, Jörg",
        "Jörg, Jörg"
      })
  void decodes(String raw, String expected) {
    assertEquals(expected, EncodedWords.decode(raw, new Flaws()));
  }

  @Test
  void keepsWordsOfUnknownCharsetsAndSaysSo() {
    Flaws flaws = new Flaws();
    assertEquals("a =?X-Foo?Q?b?= c", EncodedWords.decode("a =?X-Foo?Q?b?= c", flaws));
    assertEquals(List.of("charset-unknown:x-foo"), flaws.list());
  }

  @Test
  void readsParametersInEveryEncoding() {
    String value =
        "Attachment; FILENAME*0*=utf-8'en'%e2%82%ac; filename*1=\" rates\"; name=\"C:\\a;b.txt\";"
            + " x*=iso-8859-1''%E4; y==?koi8-r?B?89DJ08/LLmRvYw==?=; filename=second; bad; =;";
    HeaderValue header = HeaderValue.parse(value);
    Flaws flaws = new Flaws();
    assertEquals("attachment", header.word());
    assertEquals("€ rates", header.text("filename", flaws));
    assertEquals("C:\\a;b.txt", header.text("name", flaws));
    assertEquals("ä", header.text("x", flaws));
    assertEquals("Список.doc", header.text("y", flaws));
    assertEquals(null, header.text("z", flaws));
    assertEquals(List.of(), flaws.list());
  }
}
