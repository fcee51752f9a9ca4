package io.millrace.store;

import io.millrace.google.GoogleException;
import io.millrace.google.GoogleFailure.Misconfigured;
import io.millrace.google.Grant;
import io.millrace.google.Grants;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accounts, their mailboxes and their encrypted tokens. Thread-safe. */
public final class Mailboxes implements Grants {
  private static final Logger log = LoggerFactory.getLogger(Mailboxes.class);

  private final Pool pool;
  private final Vault vault;

  /**
   * @param vault encrypts and decrypts the tokens
   */
  public Mailboxes(Pool pool, Vault vault) {
    this.pool = pool;
    this.vault = vault;
  }

  /**
   * What a sync starts from.
   *
   * @param cursor the history id up to which all is accounted for, or null
   * @param fullRun the last full run, or null if there was none
   * @param phase how far it came, or null
   * @param firstHistory where it began, or null
   * @param lanes the lanes that it goes through, as JSON, or null
   * @param halted why no sync of it is to work: paused or disconnected; null if one may
   */
  public record Mailbox(
      String email,
      String cursor,
      Long fullRun,
      String phase,
      String firstHistory,
      String lanes,
      String halted) {}

  /**
   * How far a mailbox is, as committed.
   *
   * @param phase of the last full run: none, list, history, recount, labels, sweep or complete
   * @param estimate messages in the mailbox when the run began
   * @param trouble what must be done by the user or the operator, or null
   */
  public record State(
      long user,
      String email,
      String phase,
      long estimate,
      long listed,
      long stored,
      long duplicate,
      long gone,
      long deadLettered,
      long unitsSpent,
      long calls,
      long throttled,
      long bytesReceived,
      String trouble) {
    /** Why not everything that Google has is stored; null if it is, up to the mailbox's cursor. */
    public String incomplete() {
      if (trouble != null) {
        return trouble;
      }
      return switch (phase) {
        case "none" -> "Its first sync has not begun.";
        case "list" -> "%d of about %d messages are accounted for.".formatted(listed, estimate);
        case "history" -> "What changed while it was listed is being worked off.";
        case "recount" -> "A second listing checks that nothing was left out.";
        case "labels" -> "The labels of what is stored are compared with Gmail's.";
        case "sweep" -> "What is stored and was not listed is asked for.";
        default -> deadLettered == 0 ? null : deadSentence();
      };
    }

    private String deadSentence() {
      return (deadLettered == 1 ? "One message" : deadLettered + " messages")
          + " could not be fetched; the table message_dead says why.";
    }
  }

  /**
   * Connects a mailbox: makes the account if there is none, keeps the grant, a refresh token
   * encrypted, in the place of what was there, and forgets what was the matter before.
   *
   * @param grant one of the two kinds that can be given
   * @return the user's number
   */
  public Future<Long> connect(String email, Grant grant) {
    return pool.withTransaction(connection -> connect(connection, email, grant));
  }

  /** The same in the caller's transaction. */
  public Future<Long> connect(SqlConnection connection, String email, Grant grant) {
    return connection
        .preparedQuery(
            """
            insert into account (email) values ($1)
            on conflict (email) do update set email = excluded.email
            returning user_id""")
        .execute(Tuple.of(email.strip().toLowerCase(Locale.ROOT)))
        .map(rows -> rows.iterator().next().getLong(0))
        .compose(
            user ->
                connection
                    .preparedQuery(
                        "insert into mailbox (user_id) values ($1) on conflict (user_id) do update set trouble = null, disconnected_at = null")
                    .execute(Tuple.of(user))
                    .compose(v -> keep(connection, user, grant))
                    .map(user));
  }

  /** Connects a mailbox by a refresh token. */
  public Future<Long> connect(String email, String refreshToken) {
    return connect(email, new Grant.Refresh(refreshToken));
  }

  private Future<Void> keep(SqlConnection connection, long user, Grant grant) {
    Buffer sealed =
        grant instanceof Grant.Refresh refresh
            ? Buffer.buffer(vault.seal(refresh.token(), user))
            : null;
    return connection
        .preparedQuery(
            """
            insert into google_token (user_id, refresh_token) values ($1, $2)
            on conflict (user_id) do update
               set refresh_token = excluded.refresh_token, dead_reason = null, updated_at = clock()
            returning pg_notify('millrace_grant', user_id::text)""")
        .execute(Tuple.of(user, sealed))
        .mapEmpty();
  }

  @Override
  public Future<Optional<Grant>> grant(long user) {
    return row(user).map(row -> row.map(r -> grant(user, r)));
  }

  private Future<Optional<Row>> row(long user) {
    return pool.preparedQuery(
            """
            select refresh_token, dead_reason, email
              from google_token join account using (user_id)
             where user_id = $1""")
        .execute(Tuple.of(user))
        .map(rows -> rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next()));
  }

  private Grant grant(long user, Row row) {
    String reason = row.getString("dead_reason");
    if (reason != null) {
      return new Grant.Ended(reason);
    }
    Buffer sealed = row.getBuffer("refresh_token");
    if (sealed == null) {
      return new Grant.Delegated(row.getString("email"));
    }
    return vault
        .open(sealed.getBytes(), user)
        .map(Grant.Refresh::new)
        .orElseThrow(() -> new GoogleException(unreadable(row.getString("email"))));
  }

  private static Misconfigured unreadable(String email) {
    return new Misconfigured(
        "the token of %s was encrypted with a key that is not at hand; set APP_ENCRYPTION_KEY, or APP_ENCRYPTION_KEY_PREVIOUS, to the one in use when it was connected."
            .formatted(email));
  }

  @Override
  public void dead(long user, Grant grant, String reason) {
    row(user)
        .compose(
            row ->
                row.isPresent() && grant(user, row.get()).equals(grant)
                    ? end(user, row.get().getBuffer("refresh_token"), reason)
                    : Future.succeededFuture())
        .onFailure(e -> log.warn("a dead grant could not be noted: {}", e.getMessage()));
  }

  private Future<Void> end(long user, Buffer sealed, String reason) {
    return pool.preparedQuery(
            """
            update google_token set dead_reason = $3, updated_at = clock()
             where user_id = $1 and refresh_token is not distinct from $2""")
        .execute(Tuple.of(user, sealed, reason))
        .mapEmpty();
  }

  /** Notes what the user or the operator must do before this mailbox can go on. */
  public Future<Void> trouble(SqlConnection connection, long user, String sentence) {
    return connection
        .preparedQuery("update mailbox set trouble = $2 where user_id = $1")
        .execute(Tuple.of(user, sentence))
        .mapEmpty();
  }

  /** What a sync of this user starts from; empty if there is no such mailbox. */
  public Future<Optional<Mailbox>> load(long user) {
    return pool.preparedQuery(
            """
            select a.email, m.cursor::text as cursor, r.run_id, r.phase,
                   r.first_history::text as first_history, r.lanes,
                   case when m.disconnected_at is not null then 'disconnected'
                        when m.paused_at is not null then 'paused' end as halted
              from account a
              join mailbox m using (user_id)
              left join sync_run r on r.user_id = m.user_id and r.run_id = m.full_run
             where a.user_id = $1""")
        .execute(Tuple.of(user))
        .map(
            rows ->
                rows.size() == 0 ? Optional.empty() : Optional.of(mailbox(rows.iterator().next())));
  }

  private static Mailbox mailbox(Row row) {
    return new Mailbox(
        row.getString("email"),
        integer(row.getString("cursor")),
        row.getLong("run_id"),
        row.getString("phase"),
        integer(row.getString("first_history")),
        row.getString("lanes"),
        row.getString("halted"));
  }

  /** As Google writes it, without the zeros that a numeric may carry. */
  private static String integer(String numeric) {
    return numeric == null ? null : new BigInteger(numeric).toString();
  }

  /**
   * How far mailboxes are, by their last full run.
   *
   * @param users whose; at most 100,000
   */
  public Future<List<State>> states(List<Long> users) {
    return states("where a.user_id = any($1)", Tuple.tuple().addValue(users.toArray(Long[]::new)));
  }

  /** How far the mailboxes are that were connected first, at most so many. */
  public Future<List<State>> states(int most) {
    return states("where true", Tuple.tuple(), most);
  }

  private Future<List<State>> states(String where, Tuple tuple) {
    return states(where, tuple, 100_000);
  }

  private Future<List<State>> states(String where, Tuple tuple, int most) {
    return pool.preparedQuery(
            """
            select a.user_id, a.email, m.trouble, r.*
              from account a
              join mailbox m using (user_id)
              left join sync_run r on r.user_id = m.user_id and r.run_id = m.full_run
            """
                + where
                + " order by a.user_id limit "
                + most)
        .execute(tuple)
        .map(
            rows -> {
              List<State> states = new ArrayList<>(rows.size());
              rows.forEach(row -> states.add(state(row)));
              return states;
            });
  }

  private static State state(Row row) {
    String phase = row.getString("phase");
    return new State(
        row.getLong("user_id"),
        row.getString("email"),
        phase == null ? "none" : phase,
        number(row, "estimate"),
        number(row, "listed"),
        number(row, "stored"),
        number(row, "duplicate"),
        number(row, "gone"),
        number(row, "dead_lettered"),
        number(row, "units_spent"),
        number(row, "calls"),
        number(row, "throttled"),
        number(row, "bytes_received"),
        row.getString("trouble"));
  }

  private static long number(Row row, String column) {
    Long value = row.getLong(column);
    return value == null ? 0 : value;
  }
}
