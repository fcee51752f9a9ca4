package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The page with all that it loads: its own scripts, and of the libraries the files that its import
 * map names, no others. That map is the only script in the page itself; the policy knows it by its
 * hash.
 */
final class Page {
  /** The modules, one screen or one purpose each. */
  private static final List<String> MODULES =
      List.of(
          "alerts",
          "api",
          "app",
          "attempts",
          "audit",
          "away",
          "charts",
          "confirm",
          "connect",
          "cost",
          "dead",
          "events",
          "failures",
          "filter",
          "format",
          "graph",
          "health",
          "help",
          "job",
          "jobs",
          "jsontext",
          "keys",
          "limits",
          "login",
          "looking",
          "mailbox",
          "mailboxes",
          "many",
          "messages",
          "notice",
          "overview",
          "parts",
          "queues",
          "router",
          "screen",
          "screens");

  private static final String MAP_BEGINS = "importmap\">";
  private static final String MAP_ENDS = "</script>";

  private Page() {}

  /**
   * All files; reads the class path, so not on an event loop.
   *
   * @param logins whether people can log in by a provider
   */
  static List<Asset> load(boolean logins) {
    String page =
        Asset.bytes("index.html")
            .toString()
            .replace("data-logins=\"false\"", "data-logins=\"" + logins + "\"");
    int from = page.indexOf(MAP_BEGINS) + MAP_BEGINS.length();
    String map = page.substring(from, page.indexOf(MAP_ENDS, from));
    List<Asset> all = new ArrayList<>();
    all.add(
        Asset.own("/", "text/html; charset=utf-8", Buffer.buffer(page), Answers.policy(hash(map))));
    all.add(Asset.own("/console.css", "text/css; charset=utf-8", Asset.bytes("console.css"), null));
    all.add(Asset.own("/icon.svg", "image/svg+xml", Asset.bytes("icon.svg"), null));
    MODULES.forEach(
        name -> all.add(Asset.script("/ui/" + name + ".js", Asset.bytes("ui/" + name + ".js"))));
    all.addAll(Runbooks.load());
    for (Map.Entry<String, Object> entry : new JsonObject(map).getJsonObject("imports")) {
      String path = (String) entry.getValue();
      all.add(
          Asset.library(
              path, Asset.read("/META-INF/resources/webjars/" + path.substring("/lib/".length()))));
    }
    return List.copyOf(all);
  }

  private static String hash(String script) {
    return "'sha256-" + Base64.getEncoder().encodeToString(Digest.of(script)) + "'";
  }
}
