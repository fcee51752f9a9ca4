package io.millrace.console;

import io.millrace.store.Meant;
import io.millrace.store.Operations;
import io.millrace.store.Redrives;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;

/** What actions are answered, and what it means if nothing was done. */
final class Results {
  private static final JsonObject CHANGED = new JsonObject().put("changed", true);

  private Results() {}

  /** Of what answers whether anything changed. */
  static Function<Object, JsonObject> changed(Problem otherwise) {
    return result -> {
      if (!Boolean.TRUE.equals(result)) {
        throw otherwise.exception();
      }
      return CHANGED;
    };
  }

  /** The state that a cancelled job is in now. */
  static JsonObject cancelled(Object result) {
    if (result == Operations.Cancel.NOT_LIVE) {
      throw new Problem(409, "not_live", "This job has ended already.").exception();
    }
    return new JsonObject()
        .put("state", result == Operations.Cancel.CANCELLED ? "cancelled" : "stopping");
  }

  /** The state in which a job was given another priority. */
  static JsonObject reprioritised(Object result) {
    if (!(result instanceof String state)) {
      throw new Problem(
              409, "begun", "This job has begun or ended: its priority says nothing more.")
          .exception();
    }
    return new JsonObject().put("state", state);
  }

  /** How many would be touched, and by what an act is bounded that touches no others. */
  static JsonObject meant(Meant meant) {
    return new JsonObject()
        .put("count", meant.count())
        .put("atLeast", meant.atLeast())
        .put("at", meant.at().toString());
  }

  /** A step of a cancel of many. */
  static JsonObject step(Object result) {
    Operations.Step step = (Operations.Step) result;
    return new JsonObject()
        .put("cancelled", step.cancelled())
        .put("stopping", step.stopping().size())
        .put("next", step.next() < 0 ? null : Long.toString(step.next()));
  }

  /** One letter that lives again. */
  static JsonObject redriven(Object result) {
    Redrives.Result of = (Redrives.Result) result;
    if (!of.keyTaken().isEmpty()) {
      throw new Problem(
              409, "key_taken", "Another job with the same key lives: it does the work already.")
          .exception();
    }
    if (!of.bodyless().isEmpty()) {
      throw new Problem(
              409, "payload_gone", "Its payload was removed by retention: give it another first.")
          .exception();
    }
    if (of.redriven().isEmpty()) {
      throw new Problem(409, "redriven", "This letter was redriven or purged already.").exception();
    }
    return new JsonObject().put("job", of.redriven().get(0).job());
  }

  /** A step of a redrive of many. */
  static JsonObject redrivenMany(Object result) {
    Redrives.Result of = (Redrives.Result) result;
    return new JsonObject()
        .put("redriven", of.redriven().size())
        .put("keyTaken", new JsonArray(of.keyTaken()))
        .put("payloadGone", new JsonArray(of.bodyless()))
        .put("next", of.next() == null ? null : Cursor.of(of.next()));
  }

  /** How many letters went. */
  static Function<Object, JsonObject> purged(int asked) {
    return result ->
        new JsonObject().put("purged", result).put("more", Integer.valueOf(asked).equals(result));
  }

  /** The job that came to be. */
  static JsonObject job(Object result) {
    return new JsonObject().put("job", result);
  }
}
