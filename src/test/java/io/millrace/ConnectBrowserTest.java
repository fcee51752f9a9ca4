package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.browser.Browser;
import io.millrace.browser.Browsers;
import io.millrace.browser.Tab;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An owner connects their mailbox, watches it to its end and reads a message, in a real browser.
 */
@Tag("browser")
@Timeout(180)
class ConnectBrowserTest {
  @Test
  void anOwnerConnectsTheirMailboxAndWatchesIt() throws Exception {
    try (OwnersTestKit kit = new OwnersTestKit(400);
        Browser browser = Browsers.start(kit.vertx)) {
      Tab tab = browser.tab(1280, 800);
      tab.go("http://127.0.0.1:" + kit.port + "/#/mailboxes");
      tab.type("#token", OwnersTestKit.ALICE);
      tab.click("Enter");
      tab.sees("No mailbox is connected yet.");
      Browsers.assertAccessible(tab, "connect");
      Browsers.picture(tab, "connect-1280");

      kit.decide(kit.alice, "deny");
      tab.click("Connect a mailbox");
      tab.sees("Access was declined on Google's page; nothing is stored.");
      assertEquals("#/mailboxes", tab.eval("location.hash"), "the answer does not stay there");
      Browsers.assertAccessible(tab, "declined");
      Browsers.picture(tab, "declined-1280");

      kit.decide(kit.alice, null);
      tab.click("Connect a mailbox");
      tab.sees(kit.alice + " is connected; its first sync starts.");
      tab.until("document.querySelector('h1')?.textContent.includes('" + kit.alice + "')");
      tab.until("document.querySelector('progress')");
      Browsers.picture(tab, "connected-1280");
      tab.sees("Complete: each of");
      tab.until("document.querySelector('progress').classList.contains('done')");

      tab.until("document.querySelectorAll('.mail li').length === 20");
      tab.until("!document.querySelector('.mail').innerText.includes('(being read)')");
      tab.eval("document.querySelector('.mail button').click()");
      tab.sees("(no text is stored)");
      tab.click("Fetch the rest");
      tab.until(
          "document.querySelector('.letter') && !document.querySelector('.letter').textContent.includes('(no text')");
      for (int width : List.of(1280, 360)) {
        tab.size(width, 800);
        Browsers.assertFits(tab, "messages-" + width);
        Browsers.assertAccessible(tab, "messages-" + width);
        Browsers.picture(tab, "messages-" + width);
      }
      assertFalse(tab.shows(kit.bob));

      tab.eval("location.hash = '#/mailboxes'");
      tab.sees("in sync");
      assertFalse(tab.shows("Connect a mailbox"), "an end user has one");
      assertEquals(List.of(), tab.errors());
    }
  }
}
