package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HtmlTextTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a  b&nbsp;&eacute;&#8364; | a b é€",
        "<p>a</p><p>b</p> | a//b",
        "a<br>b<br><br>c | a/b//c",
        "<div>a<div>b</div></div>c | a/b/c",
        "<style>x</style><script>y</script><title>z</title>a<!-- b --> | a",
        "<ul><li>a<li>b</ul> | - a/- b",
        "<table><tr><td>a</td><td><p>b</p></td></tr><tr><td>c</td></tr></table> | a//b//c",
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table> | a>b/c>d",
        "<a href='https://x.org/1'>here</a>, now | here <https://x.org/1>, now",
        "<a href='https://x.org/'>https://x.org</a> | https://x.org",
        "<a href='mailto:a@x.org'>a</a><a href='https://x.org'><img alt='pic'></a>"
            + " | apic <https://x.org>",
        "<pre>a  b</pre>c | a  b//c",
        "<div style='Display : None'>secret</div>a | a",
        "sof&shy;t&#8203;ly | softly"
      })
  void readsAsPeopleSeeIt(String html, String expected) {
    String text = HtmlText.of(html, 1_000).replace("\n", "/").replace("\t", ">");
    assertEquals(expected, text);
  }

  @Test
  void isBoundedInDepthAndLength() {
    String deep = "<div><b>".repeat(50_000) + "deep";
    assertEquals("deep", HtmlText.of(deep, 1_000));
    assertTrue(HtmlText.of("<p>word</p>".repeat(90_000), 1_000).length() < 1_100);
    assertTrue(HtmlText.of("x".repeat(90_000), 1_000).length() <= 1_000);
  }
}
