/**
 * The program: command line, configuration, wiring.
 *
 * <p>{@link io.millrace.Main} finds the command, {@code ConfigurationLoader} loads what it needs,
 * {@code Millrace} makes every part once and wires it; {@code Demo}, {@code Service} and the others
 * are what the commands do.
 */
package io.millrace;
