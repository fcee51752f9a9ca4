package io.millrace.engine;

import io.millrace.store.Checks;
import io.millrace.store.Scope;
import io.vertx.core.Future;
import java.util.List;

/** Runs a check when somebody wants it, besides the rounds in which all are run. Thread-safe. */
public interface CheckRunner {
  /** The names of the checks. */
  List<String> names();

  /**
   * Runs a check and repairs what it finds; what would be a scan is walked a step at each run.
   *
   * @param scope where all of it is done, such as one that keeps account of it
   */
  Future<Checks.Finding> run(String name, Scope scope);
}
