package io.millrace.sim;

/** A header field, unfolded, its encoded words kept as they came. */
record Header(String name, String value) {}
