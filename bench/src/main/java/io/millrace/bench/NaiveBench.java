package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.gmail.Gmail;
import com.google.api.services.gmail.model.ListMessagesResponse;
import com.google.api.services.gmail.model.Message;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code naive}: one mailbox read three ways from one simulator without a quota: by Millrace, which
 * stores and normalises what it reads; as the program did that Millrace takes the place of; and by
 * the loop that one writes first with Google's own client. The other two store nothing.
 */
@Command(name = "naive")
final class NaiveBench extends Benchmark {
  private static final long END_SECONDS = 600;
  private static final int PAGE = 500;

  /** The original got one message after the other, and rested after so many for so long. */
  private static final int CHUNK = 50;

  private static final long REST_MS = 200;

  @Option(names = "--messages", paramLabel = "N", description = "Messages (5,000).")
  int messages = 5_000;

  @Override
  String name() {
    return "naive";
  }

  /**
   * What a way of reading came to.
   *
   * @param seconds without the start of a process
   */
  private record Read(long messages, double seconds) {}

  private interface Reader {
    Read read() throws Exception;
  }

  private interface Loop {
    long read() throws Exception;
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode machine = Machine.describe();
    Path work = scope.directory();
    SimulatorProcess simulator =
        SimulatorProcess.unlimited(scope, work, List.of("--mailboxes=1", "--messages=" + messages));
    Gmail gmail = gmail(simulator);
    ObjectNode figures = Result.JSON.createObjectNode();
    figures.put("name", name());
    figures.set("original", time("original", simulator, () -> timed(() -> original(gmail))));
    figures.set("plainClient", time("plain client", simulator, () -> timed(() -> plain(gmail))));
    Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
    figures.set(
        "millrace", time("millrace", simulator, () -> millrace(scope, work, simulator, postgres)));
    figures.set("machine", machine);
    ObjectNode settings = figures.putObject("settings");
    settings.put("messages", messages);
    settings.put("format", "full");
    return figures;
  }

  private static ObjectNode time(String who, SimulatorProcess simulator, Reader reader)
      throws Exception {
    long units = units(simulator);
    Read read = reader.read();
    double rate = read.messages() / read.seconds();
    long spent = units(simulator) - units;
    say("%s: %,.0f messages/s, %,d units".formatted(who, rate, spent));
    ObjectNode figures = Result.JSON.createObjectNode();
    figures.set("messagesPerSecond", Result.figure(rate));
    figures.put("units", spent);
    figures.put("messages", read.messages());
    return figures;
  }

  private static Read timed(Loop loop) throws Exception {
    long begun = System.nanoTime();
    long messages = loop.read();
    return new Read(messages, (System.nanoTime() - begun) / 1e9);
  }

  private static long units(SimulatorProcess simulator) throws Exception {
    return simulator.get("sim/report").path("unitsSpent").asLong();
  }

  private static Read millrace(
      Scope scope, Path work, SimulatorProcess simulator, Postgres postgres) throws Exception {
    DemoProcess.End end =
        DemoProcess.start(
                scope,
                work,
                simulator,
                postgres,
                new DemoProcess.Setting("unlimited", 1, "full", List.of()))
            .end(END_SECONDS);
    if (!end.complete()) {
      throw new BenchException("The sync was not complete: " + end.summary());
    }
    return new Read(
        (long) postgres.number("select count(*) from message"),
        postgres.number(
            "select extract(epoch from (select max(finished_at) from job_outcome)"
                + " - (select min(created_at) from job_body))"));
  }

  /** All ids first; then full messages one by one, with rests. */
  private static long original(Gmail gmail) throws Exception {
    List<String> ids = new ArrayList<>();
    String page = null;
    do {
      ListMessagesResponse listed = list(gmail, page);
      listed.getMessages().forEach(message -> ids.add(message.getId()));
      page = listed.getNextPageToken();
    } while (page != null);
    for (int i = 0; i < ids.size(); i++) {
      if (i > 0 && i % CHUNK == 0) {
        TimeUnit.MILLISECONDS.sleep(REST_MS);
      }
      get(gmail, ids.get(i));
    }
    return ids.size();
  }

  /** Page by page, each message in turn. */
  private static long plain(Gmail gmail) throws Exception {
    long read = 0;
    String page = null;
    do {
      ListMessagesResponse listed = list(gmail, page);
      for (Message message : listed.getMessages()) {
        get(gmail, message.getId());
        read++;
      }
      page = listed.getNextPageToken();
    } while (page != null);
    return read;
  }

  private static ListMessagesResponse list(Gmail gmail, String page) throws Exception {
    return gmail
        .users()
        .messages()
        .list("me")
        .setMaxResults((long) PAGE)
        .setPageToken(page)
        .execute();
  }

  private static void get(Gmail gmail, String id) throws Exception {
    if (gmail.users().messages().get("me", id).setFormat("full").execute().getPayload() == null) {
      throw new BenchException("Message %s came without a body.".formatted(id));
    }
  }

  private static Gmail gmail(SimulatorProcess simulator) throws Exception {
    JsonNode grants = simulator.get("sim/accounts");
    String form =
        "grant_type=refresh_token&client_id=%s&client_secret=%s&refresh_token=%s"
            .formatted(
                encoded(grants.path("clientId")),
                encoded(grants.path("clientSecret")),
                encoded(grants.at("/accounts/0/refreshToken")));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(simulator.root() + "token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form))
            .build();
    String token =
        Result.JSON
            .readTree(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body())
            .path("access_token")
            .asText();
    return new Gmail.Builder(
            new NetHttpTransport(),
            GsonFactory.getDefaultInstance(),
            call -> call.getHeaders().setAuthorization("Bearer " + token))
        .setRootUrl(simulator.root())
        .setApplicationName("millrace-bench")
        .build();
  }

  private static String encoded(JsonNode text) {
    return URLEncoder.encode(text.asText(), StandardCharsets.UTF_8);
  }
}
