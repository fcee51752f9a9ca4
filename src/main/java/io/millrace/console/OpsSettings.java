package io.millrace.console;

/** All that is configured of watching a running Millrace. */
public record OpsSettings(
    AlertSettings alerts, HealthSettings health, CostSettings cost, TraceSettings tracing) {}
