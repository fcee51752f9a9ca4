package io.millrace.console;

/**
 * Whether and where traces go: configuration section {@code tracing}.
 *
 * @param endpoint takes them by OTLP over HTTP
 * @param share of new traces that is recorded, 0 to 1
 * @param service the name under which this process shows itself
 */
public record TraceSettings(boolean enabled, String endpoint, double share, String service) {}
