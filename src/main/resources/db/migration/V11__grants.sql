-- Grants without a refresh token, and with which key each token is encrypted.

-- Null: the service account acts for the mailbox.
alter table google_token alter column refresh_token drop not null;

-- The key's id stands in the ciphertext (a byte for the version, then four for the id), so it cannot
-- be another than the one in use.
alter table google_token add column key_id integer generated always as (
  (get_byte(refresh_token, 1) << 24) | (get_byte(refresh_token, 2) << 16)
    | (get_byte(refresh_token, 3) << 8) | get_byte(refresh_token, 4)
) stored;
