package io.millrace.pipeline;

import java.time.Instant;
import java.util.List;

/**
 * What a message says, in a form that can be stored, searched and counted.
 *
 * <p>No string holds what PostgreSQL's text or jsonb refuses, and each has a bound.
 *
 * @param at when Gmail received it, or else what its Date header says, or else 1970
 * @param subject decoded, white space collapsed, at most 2,000 characters; empty when absent
 * @param participants in the order of the roles, then of the headers; at most 1,000
 * @param text plain text with LF line ends, at most 256 Ki characters; empty when there is none
 * @param textTruncated whether the message had more text than that
 * @param attachments at most 1,000
 * @param rfcMessageId Message-ID without angle brackets; null when absent
 * @param inReplyTo first id of In-Reply-To without angle brackets; null when absent
 * @param references ids of References without angle brackets, oldest first; at most 200
 * @param flaws short codes of what was broken, each once; empty for a sound message
 */
record Interaction(
    String messageId,
    String threadId,
    Instant at,
    Direction direction,
    String subject,
    List<Participant> participants,
    String text,
    boolean textTruncated,
    List<Attachment> attachments,
    String rfcMessageId,
    String inReplyTo,
    List<String> references,
    List<String> flaws)
    implements ContactMerge.Sighting {}
