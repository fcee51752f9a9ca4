package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A payload is read as its kind says, or refused with the place and the reason. */
class PayloadFormTest {
  enum Color {
    RED,
    BLUE
  }

  record Inner(String name, @MayBeAbsent Double weight) {}

  record Payload(
      int n,
      boolean flag,
      List<String> ids,
      @MayBeAbsent Long big,
      @MayBeAbsent boolean maybe,
      Color color,
      Map<String, Integer> counts,
      List<Inner> inner) {}

  record Small(int n) {}

  record Circle(Circle next) {}

  record Odd(java.util.concurrent.locks.Lock lock) {}

  record Kind<P>(Class<P> payload, String schema) implements JobHandler<P> {
    @Override
    public String kind() {
      return "paint";
    }

    @Override
    public Future<Outcome> run(JobContext<P> job) {
      return Future.succeededFuture(new Outcome.Completed(null));
    }
  }

  private static final String RIGHT =
      """
      {"n":1,"flag":true,"ids":["a","b"],"color":"RED","counts":{"x":1},
       "inner":[{"name":"i","weight":1.5},{"name":"j","weight":null}]}""";

  @Test
  void whatIsRightBecomesTheRecord() {
    Payload read = form(Payload.class, null).read(RIGHT);
    assertEquals(List.of("a", "b"), read.ids());
    assertEquals(null, read.big());
    assertEquals(false, read.maybe());
    assertEquals(Color.RED, read.color());
    assertEquals(1.5, read.inner().get(0).weight());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"n\":1,                | \"n\":\"1\",            | $.n",
        "\"n\":1,                | \"n\":1.5,              | $.n",
        "\"n\":1,                | \"n\":null,             | $.n",
        "\"n\":1,                | \"n\":3000000000,       | $.n",
        "\"n\":1,                | \"n\":true,             | $.n",
        "\"flag\":true,          | \"flag\":1,             | $.flag",
        "\"ids\":[\"a\",\"b\"],  | \"ids\":[\"a\",2],      | $.ids[1]",
        "\"ids\":[\"a\",\"b\"],  | \"ids\":[null],         | $.ids[0]",
        "\"ids\":[\"a\",\"b\"],  | \"ids\":\"a\",          | $.ids",
        "\"color\":\"RED\",      | \"color\":\"GREEN\",    | $.color",
        "\"color\":\"RED\",      | \"color\":0,            | $.color",
        "\"counts\":{\"x\":1},   | \"counts\":{\"x\":\"\"}, | $.counts.x",
        "\"name\":\"j\",         | ''                      | $.inner[1]",
        "\"weight\":1.5          | \"weight\":\"1\"        | $.inner[0].weight",
      })
  void whatIsWrongIsNamedWithItsPlace(String part, String instead, String path) {
    String wrong = RIGHT.replace(part, instead);
    assertTrue(!wrong.equals(RIGHT), part);
    PayloadException e =
        assertThrows(PayloadException.class, () -> form(Payload.class, null).read(wrong), wrong);
    assertEquals(path, e.path(), e.getMessage());
    assertTrue(e.getMessage().startsWith("The payload of a paint job is refused at "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}",
        "[]",
        "null",
        "1",
        "''",
        "{\"n\":1",
        "{\"n\":1}x",
        "{\"n\":1,\"m\":2}",
        "{\"N\":1}",
      })
  void whatIsNoSuchObjectIsRefused(String wrong) {
    assertThrows(PayloadException.class, () -> form(Small.class, null).read(wrong), wrong);
  }

  @Test
  void aMissingOrUnknownPropertyIsNamed() {
    assertTrue(refusal(Small.class, null, "{}").contains("\"n\""));
    assertTrue(refusal(Small.class, null, "{\"n\":1,\"m\":2}").contains("m"));
  }

  @Test
  void depthIsBounded() {
    String deep = "{\"n\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertThrows(PayloadException.class, () -> form(Small.class, null).read(deep));
  }

  @Test
  void aWrittenSchemaJudgesFirst() {
    String schema =
        """
        {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
         "properties":{"n":{"type":"integer","minimum":1,"maximum":9}},"required":["n"]}""";
    assertEquals(new Small(9), form(Small.class, schema).read("{\"n\":9,\"more\":1}"));
    assertTrue(refusal(Small.class, schema, "{\"n\":10}").contains("$.n"));
    assertTrue(refusal(Small.class, schema, "{}").contains("n"));
    assertTrue(refusal(Small.class, schema, "[").contains("not JSON"));
  }

  @Test
  void aHandlerWhoseSchemaCannotBeUsedIsNamed() {
    for (Kind<?> kind :
        List.of(
            new Kind<>(Circle.class, null),
            new Kind<>(Odd.class, null),
            new Kind<>(String.class, null),
            new Kind<>(Small.class, "{"),
            new Kind<>(Small.class, "{\"type\":\"nonsense\"}"),
            new Kind<>(Small.class, "{\"properties\":{\"n\":{\"minimum\":\"1\"}}}"))) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> PayloadForm.of(kind)).getMessage();
      assertTrue(message.contains("paint") && message.contains(Kind.class.getName()), message);
    }
  }

  private static <P> PayloadForm<P> form(Class<P> payload, String schema) {
    return PayloadForm.of(new Kind<>(payload, schema));
  }

  private static String refusal(Class<?> payload, String schema, String json) {
    return assertThrows(PayloadException.class, () -> form(payload, schema).read(json))
        .getMessage();
  }
}
