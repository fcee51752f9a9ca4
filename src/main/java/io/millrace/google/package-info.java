/**
 * Speaks HTTP to Google.
 *
 * <p>In comes what is wanted of a mailbox: its profile, a page of ids, a page of history, messages,
 * a thread. Out comes data, or a {@link io.millrace.google.GoogleFailure} that says what kind of
 * trouble it is; nothing else ever comes of a peer's answer, however broken.
 *
 * <p>{@link io.millrace.google.GmailClient} has one method for each call; {@code Caller} shows the
 * order in which a call is made: access token, room in flight, connection, quota, and at once the
 * request. {@code Exchange} reads the answer under the byte budget, {@code Decoder} inflates it,
 * and {@code Pages}, {@code MessageJson} and {@code BatchAnswer} read it. {@link
 * io.millrace.google.Failures} tells what a refusal means.
 *
 * <p>{@link io.millrace.google.MessageStream} fetches many messages under demand; what it does
 * about each failure stands in {@code FetchPolicy}. Start reading there.
 */
package io.millrace.google;
