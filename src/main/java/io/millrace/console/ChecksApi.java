package io.millrace.console;

import io.millrace.engine.CheckRunner;
import io.millrace.store.Checks;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Checks for stuck work: what each found last, and to run one now, which repairs what it finds. */
final class ChecksApi {
  private final CheckRunner checks;
  private final Happenings happenings;
  private final Acts acts;

  ChecksApi(CheckRunner checks, Happenings happenings, Acts acts) {
    this.checks = checks;
    this.happenings = happenings;
    this.acts = acts;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/checks", Endpoint.STAFF, this::list),
        Endpoint.post("/api/v1/checks/:name/repair", Endpoint.OPERATORS, this::repair));
  }

  private Future<Reply> list(Ask ask) {
    ask.query().end();
    List<JsonObject> all =
        checks.names().stream()
            .map(name -> new JsonObject().put("name", name).put("last", happenings.last(name)))
            .toList();
    return Future.succeededFuture(Reply.tagged(Reply.page(all, null)));
  }

  private Future<Reply> repair(Ask ask) {
    String name = ask.name("name");
    ask.body().end();
    if (!checks.names().contains(name)) {
      throw Problem.missing("check").exception();
    }
    return acts.act(
        ask,
        "check.repair",
        "check " + name,
        new JsonObject(),
        scope -> checks.run(name, scope),
        found -> told((Checks.Finding) found));
  }

  private static JsonObject told(Checks.Finding found) {
    return new JsonObject()
        .put("check", found.check())
        .put("found", found.found())
        .put("repaired", found.repaired())
        .put("detail", found.detail());
  }
}
