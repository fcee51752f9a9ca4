package io.millrace.console;

import java.util.Locale;

/** Tells by a host's name whether only this machine can mean it. Looks nothing up. */
public final class Loopback {
  private Loopback() {}

  /** Whether it is {@code localhost} or an address of loopback, in brackets or not. */
  public static boolean is(String host) {
    String name = host.toLowerCase(Locale.ROOT).replaceAll("^\\[|]$", "");
    return name.equals("localhost")
        || name.matches("127(\\.[0-9]{1,3}){3}")
        || name.matches("(0{0,4}:){2,7}0{0,3}1");
  }
}
