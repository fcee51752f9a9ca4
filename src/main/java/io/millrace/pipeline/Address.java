package io.millrace.pipeline;

/**
 * One mailbox of an address header.
 *
 * <p>The strings hold nothing that PostgreSQL's text or jsonb refuses, whoever makes them.
 *
 * @param name display name, decoded, at most {@value #MAX_NAME} characters; null when there is none
 * @param address normalised by {@link AddressForm}, at most {@value #MAX_ADDRESS} characters; null
 *     when it is broken
 * @param raw what stood in the header, at most {@value #MAX_RAW} characters; null unless broken
 */
record Address(String name, String address, String raw) {
  static final int MAX_NAME = 512;
  static final int MAX_ADDRESS = 320;
  static final int MAX_RAW = 1_000;

  Address {
    name = Clean.text(name, MAX_NAME);
    address = Clean.text(address, MAX_ADDRESS);
    raw = Clean.text(raw, MAX_RAW);
  }
}
