package io.millrace.console;

/**
 * From where on something is wrong.
 *
 * @param warn above this it is a warning
 * @param critical above this it is critical; at least {@code warn}
 */
public record Threshold(double warn, double critical) {}
