package io.millrace.engine;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.Set;

/**
 * The JSON Schema of a record, for kinds that write none: each component is required unless it is
 * {@link MayBeAbsent}, and there is no other property. Pure.
 */
final class DerivedSchema {
  private static final Set<Class<?>> WHOLE =
      Set.of(
          byte.class,
          short.class,
          long.class,
          Byte.class,
          Short.class,
          Long.class,
          BigInteger.class);
  private static final Set<Class<?>> NUMBERS =
      Set.of(float.class, double.class, Float.class, Double.class, BigDecimal.class, Number.class);
  private static final Set<Class<?>> TEXTS =
      Set.of(
          String.class,
          char.class,
          Character.class,
          CharSequence.class,
          java.util.UUID.class,
          java.net.URI.class);

  private final Deque<Class<?>> inside = new ArrayDeque<>();

  private DerivedSchema() {}

  /** Fails with a sentence if something in the record has no obvious form in JSON. */
  static JsonObject of(Class<?> payload) {
    return new DerivedSchema()
        .record(payload)
        .put("$schema", "https://json-schema.org/draft/2020-12/schema");
  }

  private JsonObject record(Class<?> type) {
    if (inside.contains(type)) {
      throw new IllegalArgumentException(
          type.getName() + " contains itself; write a schema() for it.");
    }
    inside.push(type);
    JsonObject properties = new JsonObject();
    JsonArray required = new JsonArray();
    for (RecordComponent component : type.getRecordComponents()) {
      JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
      String name =
          renamed == null || renamed.value().isEmpty() ? component.getName() : renamed.value();
      JsonObject schema = schema(component.getGenericType(), type, component.getName());
      if (component.isAnnotationPresent(MayBeAbsent.class)) {
        schema = orNull(schema);
      } else {
        required.add(name);
      }
      properties.put(name, schema);
    }
    inside.pop();
    return new JsonObject()
        .put("type", "object")
        .put("properties", properties)
        .put("required", required)
        .put("additionalProperties", false);
  }

  private static JsonObject orNull(JsonObject schema) {
    return schema.isEmpty()
        ? schema
        : new JsonObject()
            .put("anyOf", new JsonArray().add(schema).add(new JsonObject().put("type", "null")));
  }

  private JsonObject schema(Type type, Class<?> owner, String component) {
    if (type instanceof Class<?> c) {
      return schema(c, owner, component);
    }
    if (type instanceof ParameterizedType p && p.getRawType() instanceof Class<?> raw) {
      if (Collection.class.isAssignableFrom(raw)) {
        return array(schema(p.getActualTypeArguments()[0], owner, component));
      }
      if (Map.class.isAssignableFrom(raw)) {
        return new JsonObject()
            .put("type", "object")
            .put("additionalProperties", schema(p.getActualTypeArguments()[1], owner, component));
      }
    }
    if (type instanceof GenericArrayType a) {
      return array(schema(a.getGenericComponentType(), owner, component));
    }
    if (type instanceof WildcardType w) {
      return schema(w.getUpperBounds()[0], owner, component);
    }
    throw unclear(type, owner, component);
  }

  private JsonObject schema(Class<?> type, Class<?> owner, String component) {
    if (type == int.class || type == Integer.class) {
      return typed("integer").put("minimum", Integer.MIN_VALUE).put("maximum", Integer.MAX_VALUE);
    }
    if (WHOLE.contains(type)) {
      return typed("integer");
    }
    if (NUMBERS.contains(type)) {
      return typed("number");
    }
    if (TEXTS.contains(type)) {
      return typed("string");
    }
    if (type == boolean.class || type == Boolean.class) {
      return typed("boolean");
    }
    if (type == Object.class || com.fasterxml.jackson.databind.JsonNode.class == type) {
      return new JsonObject();
    }
    if (type.isEnum()) {
      JsonArray names = new JsonArray();
      Arrays.stream(type.getEnumConstants()).map(e -> ((Enum<?>) e).name()).forEach(names::add);
      return typed("string").put("enum", names);
    }
    if (type.isRecord()) {
      return record(type);
    }
    if (type.isArray()) {
      return array(schema(type.getComponentType(), owner, component));
    }
    throw unclear(type, owner, component);
  }

  private static JsonObject array(JsonObject items) {
    return typed("array").put("items", items);
  }

  private static JsonObject typed(String type) {
    return new JsonObject().put("type", type);
  }

  private static IllegalArgumentException unclear(Type type, Class<?> owner, String component) {
    return new IllegalArgumentException(
        "%s of %s is a %s, which has no obvious form in JSON; write a schema() for the kind."
            .formatted(component, owner.getName(), type.getTypeName()));
  }
}
