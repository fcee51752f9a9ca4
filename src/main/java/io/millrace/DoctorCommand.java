package io.millrace;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code doctor}: says what is well and what to do about the rest. */
@Command(
    name = "doctor",
    description = "Checks configuration, database, clocks, Google and credentials.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DoctorCommand implements Callable<Integer> {
  @ParentCommand Main main;
  @Mixin ConfigurationOptions configuration;

  @Option(names = "--json", description = "One JSON object on standard output.")
  boolean json;

  @Override
  public Integer call() {
    List<Check> checks = checks();
    boolean well = checks.stream().allMatch(Check::ok);
    if (json) {
      main.terminal.result(json(well, checks));
    } else {
      checks.forEach(check -> main.terminal.result(check.line()));
    }
    return well ? ExitException.OK : ExitException.WRONG;
  }

  private List<Check> checks() {
    Configuration loaded;
    try {
      loaded = ConfigurationOptions.load(configuration.loader(main), main);
    } catch (ExitException e) {
      return List.of(Check.bad("configuration", e.getMessage()));
    }
    return new Doctor(loaded).examine();
  }

  private static String json(boolean well, List<Check> checks) {
    ObjectNode result = new JsonMapper().createObjectNode().put("ok", well);
    ArrayNode list = result.putArray("checks");
    for (Check check : checks) {
      list.addObject()
          .put("name", check.name())
          .put("ok", check.ok())
          .put("message", check.message());
    }
    return result.toString();
  }
}
