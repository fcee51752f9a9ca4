package io.millrace.browser;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A page as a person has it before them: it is read, clicked, typed into and photographed. */
public final class Tab {
  private static final int WAIT_MS = 20_000;

  /** Finds what can be clicked by what it is called. */
  private static final String FIND =
      """
      (name => [...document.querySelectorAll("button, a, summary")].find(e =>
        e.checkVisibility() && !e.disabled && e.textContent.replace(/\\s+/g, " ").trim() === name))
      """;

  private final Browser browser;
  private final String context;
  private final String session;
  private final List<String> errors = new CopyOnWriteArrayList<>();

  Tab(Browser browser, String context, String session) {
    this.browser = browser;
    this.context = context;
    this.session = session;
  }

  void begin(int width, int height) throws Exception {
    for (String domain : List.of("Page", "Runtime", "Log")) {
      ask(domain + ".enable", new JsonObject());
    }
    size(width, height);
  }

  /** How large the window is, in CSS pixels. */
  public void size(int width, int height) throws Exception {
    ask(
        "Emulation.setDeviceMetricsOverride",
        new JsonObject()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", false));
  }

  /** Light or dark, as the system would want it. */
  public void scheme(String name) throws Exception {
    ask(
        "Emulation.setEmulatedMedia",
        new JsonObject()
            .put(
                "features",
                List.of(new JsonObject().put("name", "prefers-color-scheme").put("value", name))));
  }

  /** Closes it, with all that it has open. */
  public void close() throws Exception {
    browser.close(context, session);
  }

  /** What went wrong in the page; a refusal by the server is none. */
  void told(JsonObject message) {
    JsonObject of = message.getJsonObject("params");
    switch (message.getString("method", "")) {
      case "Runtime.exceptionThrown" -> errors.add(of.getJsonObject("exceptionDetails").encode());
      case "Runtime.consoleAPICalled" -> {
        if (of.getString("type").equals("error") || of.getString("type").equals("warning")) {
          errors.add(of.getJsonArray("args").encode());
        }
      }
      case "Log.entryAdded" -> {
        JsonObject entry = of.getJsonObject("entry");
        if (entry.getString("level").equals("error")
            && !entry.getString("source").equals("network")) {
          errors.add(entry.encode());
        }
      }
      default -> {}
    }
  }

  /** The errors so far. */
  public List<String> errors() {
    return List.copyOf(errors);
  }

  /** Goes to an address. */
  public void go(String url) throws Exception {
    ask("Page.navigate", new JsonObject().put("url", url));
  }

  /** What an expression is in the page; a promise is waited for. */
  public Object eval(String expression) throws Exception {
    JsonObject answer =
        ask(
            "Runtime.evaluate",
            new JsonObject()
                .put("expression", expression)
                .put("awaitPromise", true)
                .put("returnByValue", true));
    if (answer.containsKey("exceptionDetails")) {
      throw new AssertionError(answer.getJsonObject("exceptionDetails").encodePrettily());
    }
    return answer.getJsonObject("result").getValue("value");
  }

  /** Waits until an expression holds. */
  public void until(String expression) throws Exception {
    until(expression, WAIT_MS);
  }

  /** The same for what takes its time. */
  public void until(String expression, int mostMs) throws Exception {
    long end = System.nanoTime() + mostMs * 1_000_000L;
    // A page that is being left takes the question with it: then it is asked again.
    while (System.nanoTime() < end) {
      Object held;
      try {
        held = eval(polling(expression));
      } catch (AssertionError | java.util.concurrent.ExecutionException e) {
        held = "again";
      }
      if (Boolean.TRUE.equals(held)) {
        return;
      }
    }
    throw new AssertionError(
        "it never came to %s; the page says: %s%nerrors: %s"
            .formatted(expression, eval("document.body.innerText"), errors));
  }

  private static String polling(String expression) {
    return """
        new Promise((done, failed) => {
          const end = performance.now() + 2000;
          const look = () => {
            if (%s) { done(true); }
            else if (performance.now() > end) { done(false); }
            else { setTimeout(look, 50); }
          };
          look();
        })"""
        .formatted(expression);
  }

  /** Waits until a text can be read. */
  public void sees(String text) throws Exception {
    until("document.body?.innerText.includes(" + Json.encode(text) + ")");
  }

  /** Whether a text can be read now. */
  public boolean shows(String text) throws Exception {
    return (boolean) eval("document.body.innerText.includes(" + Json.encode(text) + ")");
  }

  /** Clicks a button or a link by its name, as soon as there is one. */
  public void click(String name) throws Exception {
    String find = FIND.strip() + "(" + Json.encode(name) + ")";
    until(find);
    eval(find + ".click()");
  }

  /** Types into a field, and leaves it. */
  public void type(String selector, String text) throws Exception {
    String field = "document.querySelector(" + Json.encode(selector) + ")";
    until(field);
    eval(
        "(e => { e.value = %s; e.dispatchEvent(new Event('change', {bubbles: true})); })(%s)"
            .formatted(Json.encode(text), field));
  }

  /** Presses a key. */
  public void press(String key) throws Exception {
    for (String type : List.of("keyDown", "keyUp")) {
      JsonObject event = new JsonObject().put("type", type).put("key", key);
      if (key.length() == 1 && type.equals("keyDown")) {
        event.put("text", key);
      }
      if (key.equals("Tab")) {
        event.put("windowsVirtualKeyCode", 9).put("code", "Tab");
      }
      if (key.equals("Enter")) {
        event.put("windowsVirtualKeyCode", 13).put("code", "Enter").put("text", "\r");
        if (type.equals("keyUp")) {
          event.remove("text");
        }
      }
      ask("Input.dispatchKeyEvent", event);
    }
  }

  /** Keeps a picture of what is seen. */
  public void picture(Path file) throws Exception {
    String data =
        ask("Page.captureScreenshot", new JsonObject().put("format", "png")).getString("data");
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(data.getBytes(StandardCharsets.US_ASCII)));
  }

  private JsonObject ask(String method, JsonObject parameters) throws Exception {
    return browser.ask(session, method, parameters);
  }
}
