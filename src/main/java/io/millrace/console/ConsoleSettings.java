package io.millrace.console;

/**
 * Where people look: configuration section {@code console}.
 *
 * @param host the address to listen on
 * @param port the port, 0 for any free one
 */
public record ConsoleSettings(String host, int port) {}
