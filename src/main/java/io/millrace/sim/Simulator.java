package io.millrace.sim;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.BindException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gmail, its token endpoint and its page of consent as a client sees them, on a port of 127.0.0.1.
 * It keeps to what Google documents or was seen to do, not to what any client expects. Methods may
 * be called from any thread.
 */
public final class Simulator {
  /** The OAuth client that the token endpoint knows. */
  public static final String CLIENT_ID = Tokens.CLIENT_ID;

  /** The secret of that client. */
  public static final String CLIENT_SECRET = Tokens.CLIENT_SECRET;

  private static final Logger LOG = LoggerFactory.getLogger(Simulator.class);

  private final Vertx vertx;
  private final World world;
  private final String deployment;
  private final int port;
  private final List<String> pushers = new CopyOnWriteArrayList<>();

  private Simulator(Vertx vertx, World world, String deployment, int port) {
    this.vertx = vertx;
    this.world = world;
    this.deployment = deployment;
    this.port = port;
  }

  /**
   * Makes or reads the mailboxes and begins to listen. Fails with a {@link SimException} when a
   * file cannot be read or the port cannot be had.
   */
  public static Future<Simulator> start(Vertx vertx, SimOptions options) {
    return start(vertx, options, SimClock.system(options.timeScale()));
  }

  static Future<Simulator> start(Vertx vertx, SimOptions options, SimClock clock) {
    return vertx
        .executeBlocking(() -> WorldMaker.make(options, clock), false)
        .compose(world -> listen(vertx, world));
  }

  private static Future<Simulator> listen(Vertx vertx, World world) {
    AtomicInteger port = new AtomicInteger();
    DeploymentOptions several = new DeploymentOptions().setInstances(FrontDoor.instances());
    return vertx
        .deployVerticle(() -> new FrontDoor(world, port::set), several)
        .map(id -> new Simulator(vertx, world, id, port.get()))
        .onSuccess(simulator -> Elsewhere.begin(vertx, world))
        .onSuccess(
            simulator ->
                LOG.info(
                    "Simulating {} mailboxes at {}", world.mailboxes().size(), simulator.rootUrl()))
        .recover(
            cause ->
                closeStores(vertx, world)
                    .compose(closed -> Future.failedFuture(explain(world, cause))));
  }

  private static Throwable explain(World world, Throwable cause) {
    if (cause instanceof BindException) {
      int port = world.options().port();
      return new SimException("Port " + port + " on 127.0.0.1 cannot be used.", cause);
    }
    return cause;
  }

  /** The port it listens on. */
  public int port() {
    return port;
  }

  /** The root of the API, as Google's clients want it: {@code http://127.0.0.1:PORT/}. */
  public String rootUrl() {
    return "http://127.0.0.1:" + port + "/";
  }

  /** The token endpoint. */
  public String tokenUrl() {
    return rootUrl() + "token";
  }

  /** The page of consent, which consents by itself. */
  public String authUrl() {
    return rootUrl() + "o/oauth2/v2/auth";
  }

  /** The mailboxes, in their order. */
  public List<SimAccount> accounts() {
    return world.mailboxes().stream().map(Mailbox::account).toList();
  }

  /** What has happened so far. */
  public SimReport report() {
    return world.report();
  }

  /**
   * From now on changes to watched mailboxes are pushed there, beside where they are pushed
   * already.
   */
  public Future<Void> pushTo(PushTarget target) {
    return vertx.deployVerticle(new Pusher(world, target)).onSuccess(pushers::add).mapEmpty();
  }

  /** Stops listening and removes temporary files. */
  public Future<Void> close() {
    return Future.join(pushers.stream().map(vertx::undeploy).toList())
        .eventually(() -> vertx.undeploy(deployment))
        .eventually(() -> closeStores(vertx, world))
        .mapEmpty();
  }

  private static Future<Void> closeStores(Vertx vertx, World world) {
    return vertx.executeBlocking(
        () -> {
          world.mailboxes().forEach(mailbox -> mailbox.store().close());
          return null;
        },
        false);
  }
}
