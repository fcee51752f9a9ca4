package io.millrace.console;

import io.millrace.google.Consent;
import io.millrace.pipeline.MessageOpener;

/**
 * What owners of mailboxes need beside {@link ApiParts}.
 *
 * @param consent by which they connect them
 * @param opener by which they read their mail
 */
public record MailParts(Consent consent, MessageOpener opener) {}
