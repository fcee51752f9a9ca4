package io.millrace.console;

import io.millrace.engine.CheckRunner;
import io.millrace.engine.Enqueuer;
import io.millrace.engine.Operator;
import io.millrace.pipeline.MailboxSwitch;
import io.millrace.pipeline.MailboxWaits;
import io.millrace.store.EndUsers;
import io.millrace.store.Kinds;
import io.vertx.sqlclient.Pool;

/**
 * What the API works with.
 *
 * @param pool for what is done, and for who somebody is
 * @param reads for what those look at who look after the whole
 * @param endUsers for all others
 */
public record ApiParts(
    Pool pool,
    Pool reads,
    EndUsers endUsers,
    Kinds kinds,
    Enqueuer enqueuer,
    Operator operator,
    CheckRunner checks,
    MailboxWaits waits,
    MailboxSwitch switches) {}
