package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationSchemaTest {
  private final ConfigurationSchema schema = ConfigurationSchema.load();

  @Test
  void documentsTheDefaultsThatAreBuiltIn() {
    JsonNode builtIn = ConfigurationFile.resource("/defaults.json");
    assertEquals(schema.defaults().toPrettyString(), builtIn.toPrettyString());
    assertEquals(List.of(), new SchemaCheck(schema, path -> "defaults").check(builtIn));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "test", "prod"})
  void theFilesThatComeAlongAreRight(String name) {
    Path file = Path.of("conf", name + ".json");
    new ConfigurationLoader(Map.of()).file(file).load();
  }

  @Test
  void usesOnlyWhatIsChecked() {
    rules(schema.root(), "#");
  }

  @Test
  void everyKeyIsExplainedAndBounded() {
    for (String path : schema.leaves()) {
      JsonNode rules = schema.at(path).orElseThrow();
      assertFalse(rules.path("description").asText().isBlank(), path);
      if (rules.path("type").asText().matches("integer|number")) {
        assertTrue(rules.has("minimum") && rules.has("maximum"), path);
      }
    }
  }

  private void rules(JsonNode rules, String where) {
    rules
        .properties()
        .forEach(
            entry -> {
              String word = entry.getKey();
              assertTrue(SchemaCheck.KEYWORDS.contains(word), where + " has " + word);
              if (List.of("properties", "patternProperties", "$defs").contains(word)) {
                entry
                    .getValue()
                    .properties()
                    .forEach(p -> rules(p.getValue(), where + "/" + p.getKey()));
              }
              if (word.equals("$ref")) {
                assertTrue(schema.resolved(rules).isObject(), where);
              }
              if (word.equals("additionalProperties")) {
                assertEquals("false", entry.getValue().asText(), where);
              }
            });
  }
}
