package io.millrace.engine;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * A kind that this process can run: its handler and what it accepts.
 *
 * @param <P> the payload
 */
record KnownKind<P>(JobHandler<P> handler, PayloadForm<P> form) {

  /** The handlers that the class path offers as services, beside those that are given. */
  static Map<String, KnownKind<?>> found(Collection<JobHandler<?>> given) {
    Map<String, KnownKind<?>> kinds = new LinkedHashMap<>(of(given));
    try {
      for (JobHandler<?> handler : ServiceLoader.load(JobHandler.class)) {
        add(kinds, handler);
      }
    } catch (ServiceConfigurationError e) {
      throw new IllegalArgumentException(
          "A job handler named in META-INF/services/%s cannot be made: %s"
              .formatted(JobHandler.class.getName(), e.getMessage()),
          e);
    }
    return Map.copyOf(kinds);
  }

  /** Only those that are given, by name. */
  static Map<String, KnownKind<?>> of(Collection<JobHandler<?>> given) {
    Map<String, KnownKind<?>> kinds = new LinkedHashMap<>();
    given.forEach(h -> add(kinds, h));
    return kinds;
  }

  private static void add(Map<String, KnownKind<?>> kinds, JobHandler<?> handler) {
    KnownKind<?> known = of(handler);
    KnownKind<?> other = kinds.putIfAbsent(handler.kind(), known);
    if (other != null) {
      throw new IllegalArgumentException(
          "Two handlers are there for jobs of kind %s: %s and %s. Remove one, or give it another kind()."
              .formatted(
                  handler.kind(),
                  other.handler().getClass().getName(),
                  handler.getClass().getName()));
    }
  }

  private static <P> KnownKind<P> of(JobHandler<P> handler) {
    if (handler.kind() == null || !handler.kind().matches("[A-Za-z][A-Za-z0-9_.-]{0,62}")) {
      throw new IllegalArgumentException(
          "%s is for kind %s; a kind's name begins with a letter and has at most 63 letters, digits, _, . and -."
              .formatted(handler.getClass().getName(), handler.kind()));
    }
    return new KnownKind<>(handler, PayloadForm.of(handler));
  }
}
