-- SPDX-License-Identifier: GPL-2.0-or-later
-- A client that times out asks its second server the same: the accept that it did
-- not hear is told once more, for ten seconds (answer_repeated).
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

CREATE TABLE answer (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 16),  -- keyed, of the whole request
    client_id uuid NOT NULL, -- no foreign keys: see login
    person_id uuid NOT NULL,
    person_version bigint NOT NULL,
    client_version bigint NOT NULL,
    rules_version bigint NOT NULL,
    class bytea NOT NULL,
    at timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX answer_at ON answer (at);
DROP FUNCTION IF EXISTS attempt_record(uuid, bigint, bigint, uuid, uuid, bigint, text, text, text, text, text,
    text[], text[], bytea[], jsonb, bytea, bytea, uuid, bigint, int, text, text, bigint, boolean);

RESET ROLE;
