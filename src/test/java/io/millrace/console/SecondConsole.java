package io.millrace.console;

import io.millrace.store.Mailboxes;
import io.millrace.store.Vault;
import java.util.Optional;

/** A console with access of its own, over the engine of a kit. */
record SecondConsole(ApiTestKit kit, ConsoleVerticle console, String deployment)
    implements AutoCloseable {
  static SecondConsole open(ApiTestKit kit, AccessSettings access) throws Exception {
    ConsoleVerticle console =
        new ConsoleVerticle(
                new ConsoleSettings("127.0.0.1", 0, access, Optional.empty()),
                new Mailboxes(kit.database.pool(), new Vault(kit.database.keptEncryptionKey())),
                kit.jobs,
                "1.2.3",
                "legacy",
                1)
            .withApi(kit.parts());
    return new SecondConsole(kit, console, ApiTestKit.await(kit.vertx.deployVerticle(console)));
  }

  int port() {
    return console.port();
  }

  @Override
  public void close() {
    try {
      ApiTestKit.await(kit.vertx.undeploy(deployment));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
