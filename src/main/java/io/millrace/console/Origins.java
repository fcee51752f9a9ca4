package io.millrace.console;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells the address that a request comes from. Behind a proxy that is what the proxy says it was
 * asked by, the last hop of {@code X-Forwarded-For}; what stands before it anybody could have
 * written. Nobody else's header is believed.
 */
final class Origins {
  private static final String ORIGIN = "origin";
  private static final String UNKNOWN = "unknown";
  private static final int MOST_HOPS = 20;

  private final Set<InetAddress> proxies;

  /**
   * @param proxies their addresses; what is not an address is left out
   */
  Origins(List<String> proxies) {
    this.proxies =
        proxies.stream()
            .map(NetUtil::createInetAddressFromIpAddressString)
            .filter(address -> address != null)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Notes it for all who handle the request later. */
  void note(RoutingContext context) {
    context.put(ORIGIN, of(context.request()));
    context.next();
  }

  /** The address that a request came from, once noted. */
  static String of(RoutingContext context) {
    String noted = context.get(ORIGIN);
    return noted == null ? UNKNOWN : noted;
  }

  private String of(HttpServerRequest request) {
    SocketAddress remote = request.remoteAddress();
    InetAddress address = remote == null ? null : address(remote.hostAddress());
    if (address == null) {
      return UNKNOWN;
    }
    List<String> hops =
        proxies.contains(address)
            ? Arrays.asList(
                String.join(",", request.headers().getAll("X-Forwarded-For")).split(",", -1))
            : List.of();
    int least = Math.max(0, hops.size() - MOST_HOPS);
    for (int i = hops.size() - 1; i >= least && proxies.contains(address); i--) {
      InetAddress before = address(hops.get(i).strip());
      if (before == null) {
        break;
      }
      address = before;
    }
    return address.getHostAddress();
  }

  private static InetAddress address(String text) {
    return text == null ? null : NetUtil.createInetAddressFromIpAddressString(text);
  }

  /** What one subscriber has of addresses: an IPv4 address, of IPv6 the first 64 bits. */
  static String network(String origin) {
    InetAddress address = address(origin);
    return address instanceof Inet6Address
        ? HexFormat.of().formatHex(address.getAddress(), 0, 8) + "/64"
        : origin;
  }
}
