package io.millrace.google;

import java.time.Instant;

/** Why a call to Google, or one part of a batch, gave no usable answer. Immutable. */
public sealed interface GoogleFailure {
  /** What happened, in one sentence for a person; without secrets and without mail. */
  String sentence();

  /** Whether the same call would fail again however long one waits. */
  default boolean permanent() {
    return false;
  }

  /** Whether no call for this mailbox is let in, until somebody does something about it. */
  default boolean shutsOut() {
    return this instanceof Unauthorized
        || this instanceof DeadGrant
        || this instanceof Denied
        || this instanceof Misconfigured;
  }

  /** Whether Google refused for lack of quota or of concurrency: nothing is wrong with the call. */
  default boolean quota() {
    return false;
  }

  /**
   * Units are used up.
   *
   * @param wholeProject true if every user is concerned, until the day turns
   * @param until before this Google wants no call; null if it named no instant
   * @param everybody true if it is what all users together spent, in a day or in a minute
   */
  record QuotaExceeded(boolean wholeProject, Instant until, boolean everybody)
      implements GoogleFailure {
    /** Of one user, or of the project's day. */
    public QuotaExceeded(boolean wholeProject, Instant until) {
      this(wholeProject, until, wholeProject);
    }

    @Override
    public String sentence() {
      return (wholeProject
              ? "The project's daily quota at Google is used up"
              : everybody
                  ? "The project's quota per minute at Google is used up"
                  : "Google's quota for this mailbox is used up")
          + (until == null ? "." : " until " + until + ".");
    }

    @Override
    public boolean quota() {
      return true;
    }
  }

  /** Too many requests of one user were in flight. */
  record TooConcurrent() implements GoogleFailure {
    @Override
    public String sentence() {
      return "Google found too many requests for this mailbox in flight at once.";
    }

    @Override
    public boolean quota() {
      return true;
    }
  }

  /** 401: the access token was not accepted. */
  record Unauthorized() implements GoogleFailure {
    @Override
    public String sentence() {
      return "Google did not accept the access token.";
    }
  }

  /** The refresh token is revoked, expired or missing: the user has to connect again. */
  record DeadGrant(String detail) implements GoogleFailure {
    @Override
    public String sentence() {
      return "The mailbox has to be connected again: " + detail;
    }

    @Override
    public boolean permanent() {
      return true;
    }
  }

  /**
   * Something of the operator's is missing or wrong: a key, the OAuth client, the service account.
   * Once that is mended the same call works; nobody has to connect again.
   *
   * @param detail what is wrong and what the operator must do
   */
  record Misconfigured(String detail) implements GoogleFailure {
    @Override
    public String sentence() {
      return "The operator has to act: " + detail;
    }
  }

  /**
   * Not allowed, and waiting does not help.
   *
   * @param reason Google's own code for it
   * @param remedy what the user or the operator must do
   */
  record Denied(String reason, String remedy) implements GoogleFailure {
    @Override
    public String sentence() {
      return "Google denied access (" + reason + "): " + remedy;
    }

    @Override
    public boolean permanent() {
      return true;
    }
  }

  /** A message that is gone, or a history that reaches no longer back so far. */
  record NotFound() implements GoogleFailure {
    @Override
    public String sentence() {
      return "Google does not have it (any more).";
    }

    @Override
    public boolean permanent() {
      return true;
    }
  }

  /** Google does not understand the call. */
  record BadRequest(String detail) implements GoogleFailure {
    @Override
    public String sentence() {
      return "Google refused the request: " + detail;
    }

    @Override
    public boolean permanent() {
      return true;
    }
  }

  /** No answer, or one that says "later": 5xx, disconnect, timeout, redirect. */
  record Unavailable(String detail) implements GoogleFailure {
    @Override
    public String sentence() {
      return "Google cannot be reached now: " + detail;
    }
  }

  /** An answer that is not what the API sends: HTML, garbage, cut short, another message. */
  record Malformed(String detail) implements GoogleFailure {
    @Override
    public String sentence() {
      return "Google's answer makes no sense: " + detail;
    }
  }

  /**
   * An answer longer than is accepted.
   *
   * @param limit in bytes
   */
  record TooLarge(long limit) implements GoogleFailure {
    @Override
    public String sentence() {
      return "The answer is longer than the " + limit + " bytes that are accepted.";
    }

    @Override
    public boolean permanent() {
      return true;
    }
  }
}
