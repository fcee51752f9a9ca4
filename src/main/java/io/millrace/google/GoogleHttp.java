package io.millrace.google;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;

/**
 * Makes HTTP clients for Google: HTTP/2 by ALPN where there is TLS, kept-alive HTTP/1.1 where there
 * is none. Answers are not inflated, redirects not followed, certificates always checked.
 */
public final class GoogleHttp {
  /** Requests that may wait for a connection, for each connection. */
  private static final int WAITERS_PER_CONNECTION = 64;

  /** HTTP/2 carries about a hundred requests on each, so few are needed. */
  private static final int HTTP2_CONNECTIONS = 8;

  private static final int READ_AT_ONCE = 64 * 1024;
  private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);

  /** Google gives gzip only to clients that say so here as well. */
  static final String USER_AGENT = "millrace/" + version() + " (gzip)";

  private GoogleHttp() {}

  /**
   * A client for one address.
   *
   * @param url of {@link GoogleSettings}; only its scheme matters here
   * @return to be closed by the caller
   */
  public static HttpClient client(Vertx vertx, GoogleSettings settings, URI url) {
    boolean tls = "https".equalsIgnoreCase(url.getScheme());
    int connections = Math.max(1, settings.maxConnections());
    HttpClientOptions options =
        new HttpClientOptions()
            .setConnectTimeout((int) connectTimeout(settings))
            .setKeepAlive(true)
            .setKeepAliveTimeout(50)
            .setPipelining(false)
            .setDecompressionSupported(false)
            .setMaxChunkSize(READ_AT_ONCE)
            .setTcpNoDelay(true);
    if (tls) {
      options
          .setUseAlpn(true)
          .setProtocolVersion(HttpVersion.HTTP_2)
          .setHttp2ConnectionWindowSize(4 * 1024 * 1024);
    }
    PoolOptions pool =
        new PoolOptions()
            .setHttp1MaxSize(connections)
            .setHttp2MaxSize(Math.min(connections, HTTP2_CONNECTIONS))
            .setMaxWaitQueueSize(WAITERS_PER_CONNECTION * connections);
    return vertx.createHttpClient(options, pool);
  }

  static RequestOptions to(GoogleSettings settings, URI url) {
    boolean tls = "https".equalsIgnoreCase(url.getScheme());
    int port = url.getPort() > 0 ? url.getPort() : tls ? 443 : 80;
    return new RequestOptions()
        .setHost(url.getHost())
        .setPort(port)
        .setSsl(tls)
        .setFollowRedirects(false)
        .setConnectTimeout(Math.max(1, settings.timeout().toMillis()));
  }

  private static long connectTimeout(GoogleSettings settings) {
    long millis = Math.min(settings.timeout().toMillis(), LONGEST_CONNECT.toMillis());
    return Math.max(1, millis);
  }

  private static String version() {
    return Objects.requireNonNullElse(
        GoogleHttp.class.getPackage().getImplementationVersion(), "dev");
  }
}
