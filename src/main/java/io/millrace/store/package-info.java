/**
 * All SQL: the schema and its migrations, jobs, mail, the accounts of sync runs, contacts, tokens
 * and the quota ledger, and the embedded PostgreSQL.
 *
 * <p>In come records, out go records; statements that belong to a caller's transaction take its
 * connection. Start with {@code db/migration/V1__millrace.sql}, then {@link io.millrace.store.Jobs}
 * and {@link io.millrace.store.SyncRuns}; hot statements stand in {@code sql/}.
 */
package io.millrace.store;
