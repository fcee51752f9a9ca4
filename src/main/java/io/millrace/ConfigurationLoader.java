package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Loads the {@link Configuration} from its layers, later ones winning: built-in defaults, presets,
 * the file, the environment, overrides.
 *
 * <p>Every layer is checked by itself, so that a fault names its source; all faults are told at
 * once. Not thread-safe; used once.
 */
public final class ConfigurationLoader {
  private static final JsonMapper MAPPER = new JsonMapper();

  private final ConfigurationSchema schema = ConfigurationSchema.load();
  private final Map<String, String> environment;
  private final Set<String> kinds = new TreeSet<>();
  private final Map<String, Object> presets = new HashMap<>();
  private final Map<String, Object> overrides = new HashMap<>();
  private final Map<String, String> overriddenBy = new HashMap<>();
  private Path file;
  private long heap = Runtime.getRuntime().maxMemory();

  /**
   * @param environment the process's variables, in tests a map of their own
   */
  public ConfigurationLoader(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
    schema.root().at("/properties/kinds/properties").fieldNames().forEachRemaining(kinds::add);
  }

  /** A file over the defaults, or null for none. */
  public ConfigurationLoader file(Path conf) {
    this.file = conf;
    return this;
  }

  /** A default of one command only: any other layer goes before it. */
  public ConfigurationLoader preset(String path, Object value) {
    presets.put(path, value);
    return this;
  }

  /**
   * A value that goes before every other.
   *
   * @param value text, number, boolean or null
   * @param origin what a fault names as the source, such as {@code --profile}
   */
  public ConfigurationLoader override(String path, Object value, String origin) {
    overrides.put(path, value);
    overriddenBy.put(path, origin);
    return this;
  }

  /** Several values that go before every other, by path. */
  public ConfigurationLoader overrides(Map<String, ?> values) {
    values.forEach((path, value) -> override(path, value, "command line"));
    return this;
  }

  /** Kinds of jobs that exist besides those that the schema names. */
  public ConfigurationLoader kinds(Collection<String> more) {
    kinds.addAll(more);
    return this;
  }

  /** The size of the heap that bounds the bytes in flight, instead of this process's own. */
  public ConfigurationLoader heap(long bytes) {
    this.heap = bytes;
    return this;
  }

  /**
   * Reads and checks all layers.
   *
   * @throws ExitException naming everything that is wrong
   */
  public Configuration load() {
    List<Fault> faults = new ArrayList<>();
    ObjectNode merged = ConfigurationFile.emptyObject();
    Map<String, String> setBy = new HashMap<>();
    for (Layer layer : layers(faults)) {
      faults.addAll(new SchemaCheck(schema, layer::origin).check(layer.document()));
      layer.over(merged, setBy);
    }
    // A wrong type would only make the checks across keys talk nonsense.
    if (faults.isEmpty()) {
      faults.addAll(new CrossChecks(merged, setBy, kinds).check());
    }
    Secrets secrets = Secrets.read(merged, environment, faults);
    if (!faults.isEmpty()) {
      throw Fault.refusal(faults);
    }
    return new ConfigurationBuilder(merged, secrets, heap).build();
  }

  private List<Layer> layers(List<Fault> faults) {
    List<Layer> layers = new ArrayList<>();
    layers.add(
        new Layer("built-in defaults", ConfigurationFile.resource("/defaults.json"), Map.of()));
    layers.add(new Layer("built-in defaults of the command", document(presets), Map.of()));
    if (file != null) {
      layers.add(new Layer(file.toString(), ConfigurationFile.read(file), Map.of()));
    }
    layers.add(new EnvironmentLayer(schema).read(environment, faults));
    layers.add(new Layer("command line", document(overrides), overriddenBy));
    return layers;
  }

  private static ObjectNode document(Map<String, Object> values) {
    ObjectNode document = ConfigurationFile.emptyObject();
    values.forEach(
        (path, value) -> {
          JsonNode node = MAPPER.valueToTree(value);
          ConfigurationSchema.put(document, path, node);
        });
    return document;
  }
}
