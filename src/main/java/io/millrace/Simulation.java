package io.millrace;

import io.millrace.sim.SimOptions;
import io.vertx.core.Vertx;

/** The simulator alone: what {@code sim} does. */
final class Simulation {
  private Simulation() {}

  /** Runs it; returns the exit status. */
  static int run(SimArguments arguments, Terminal terminal) throws Exception {
    Vertx vertx = EventLoops.vertx();
    try (Life life = new Life(vertx)) {
      GooglePeer peer =
          life.own(
              GooglePeer.own(
                  vertx,
                  SimOptions.defaults()
                      .withPort(arguments.port())
                      .withProfile(arguments.profile())
                      .withTimeScale(arguments.timeScale())
                      .withFaults(arguments.faults())
                      .withSeed(arguments.seed())
                      .withMailboxes(arguments.mailboxes())
                      .withMessages(arguments.messages())
                      .withMboxes(arguments.mboxes())
                      .withUnthreaded(arguments.unthreaded())
                      .withElsewhere(arguments.elsewhere())),
              GooglePeer::close);
      if (arguments.pushTo() != null && peer instanceof GooglePeer.Own own) {
        life.await(own.simulator().pushTo(arguments.pushTo()));
      }
      terminal.say(
          "Simulating %d mailboxes, %s, time scale %s, at %s"
              .formatted(
                  peer.accounts().size(), arguments.profile(), arguments.timeScale(), peer.root()));
      terminal.say(
          "Grants and client: %ssim/accounts  Counts: %ssim/report"
              .formatted(peer.root(), peer.root()));
      life.untilStopped();
      return ExitException.OK;
    }
  }
}
