package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Does the same to several things: one that fails does not keep the next from being done. */
final class Each {
  private final ApiOptions api;
  private final Main main;

  Each(ApiOptions api, Main main) {
    this.api = api;
    this.main = main;
  }

  /**
   * Does it and tells of each.
   *
   * @param told what is said of one that is done
   * @return the exit status: that of the last that failed
   * @throws ExitException at once if nobody is there, or nobody who would let us in
   */
  <T> int of(List<T> things, Function<T, JsonNode> work, BiFunction<T, JsonNode, String> told) {
    int status = ExitException.OK;
    for (T thing : things) {
      try {
        JsonNode done = work.apply(thing);
        api.show(main, done, told.apply(thing, done));
      } catch (ExitException e) {
        if (e.status() == ExitException.AWAY || things.size() == 1) {
          throw e;
        }
        main.terminal.say("millrace: %s: %s".formatted(thing, e.getMessage()));
        status = e.status();
      }
    }
    return status;
  }
}
