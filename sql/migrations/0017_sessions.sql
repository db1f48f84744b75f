-- SPDX-License-Identifier: GPL-2.0-or-later
-- Sessions, as clients tell of them (RFC 2866), and how they are ended
-- (RFC 5176) when what carried them is over.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- Where the client takes Disconnect-Requests; 0: nowhere.
ALTER TABLE client ADD COLUMN coa_port int NOT NULL DEFAULT 3799
    CHECK (coa_port BETWEEN 0 AND 65535);

-- acct, called, calling, user_sent: as the client sent them, escaped. No foreign
-- keys: each would lock the one row of a busy client.
CREATE TABLE session (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client_id uuid NOT NULL,
    acct text NOT NULL CHECK (octet_length(acct) BETWEEN 1 AND 1012),
    -- whose: of the accept, else what the client says and nobody confirms
    login text NOT NULL DEFAULT '' CHECK (octet_length(login) <= 1012),
    person_id uuid,
    user_sent text NOT NULL DEFAULT '' CHECK (octet_length(user_sent) <= 1012),
    called text NOT NULL DEFAULT '' CHECK (octet_length(called) <= 1012),
    calling text NOT NULL DEFAULT '' CHECK (octet_length(calling) <= 1012),
    nas inet NOT NULL,          -- where its accounting comes from: a client can be a network
    nas_port bigint,
    framed_ip inet,
    -- the row of the audit that carried it; NULL: there was none
    accept_id bigint,
    accept_at timestamptz,
    -- of its evidence: the entry through a door, and the tokens
    door_event bigint,
    tokens uuid[] NOT NULL DEFAULT '{}',
    started_at timestamptz NOT NULL,
    heard_at timestamptz NOT NULL,
    ended_at timestamptz,
    cause text NOT NULL DEFAULT '' CHECK (length(cause) <= 32),
    seconds bigint NOT NULL DEFAULT 0,
    octets_in bigint NOT NULL DEFAULT 0,
    octets_out bigint NOT NULL DEFAULT 0,
    -- to be ended, since when, why and by whom; what became of it
    end_wanted_at timestamptz,
    end_why text NOT NULL DEFAULT '' CHECK (length(end_why) <= 500),
    end_by text NOT NULL DEFAULT '',
    end_tries int NOT NULL DEFAULT 0,
    end_next timestamptz,
    end_answer text NOT NULL DEFAULT '' CHECK (length(end_answer) <= 32),
    end_cannot_at timestamptz
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX session_open ON session (client_id, nas, acct) WHERE ended_at IS NULL;
CREATE INDEX session_acct ON session (client_id, nas, acct, id);
CREATE INDEX session_person ON session (person_id) WHERE ended_at IS NULL;
CREATE INDEX session_accept ON session (accept_id);
CREATE INDEX session_unaccepted ON session (client_id, heard_at) WHERE accept_id IS NULL;
CREATE INDEX session_end ON session (end_next) WHERE ended_at IS NULL AND end_next IS NOT NULL;
CREATE INDEX session_ended ON session (ended_at);

-- What was odd about a client's accounting: the first is in the audit at once,
-- the rest of the hour as a sum.
CREATE TABLE session_anomaly (
    client_id uuid NOT NULL,
    reason text NOT NULL,
    login text NOT NULL,
    person_id uuid,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    count bigint NOT NULL DEFAULT 0,        -- since the first
    PRIMARY KEY (client_id, reason, login)
) WITH (fillfactor = 50);

INSERT INTO setting (name, value, meaning) VALUES
    ('session.end_tries', '8', 'Disconnects without success after which a session is said to be one that cannot be ended'),
    ('session.keep_days', '90', 'sessions that have ended are kept this long');

-- These answer with more, or ask for more, than before.
DROP FUNCTION IF EXISTS attempt_record(uuid, bigint, bigint, uuid, uuid, bigint, text, text, text,
    text, text, text[], text[], bytea[], jsonb, bytea, bytea, uuid, bigint, int, text, text);
DROP FUNCTION IF EXISTS client_set(text, text, text, text, boolean, text, bytea, int, text);
DROP FUNCTION IF EXISTS client_add(uuid, text, cidr, text, bytea, int, text, text, text, boolean,
    text, timestamptz, text, text);

RESET ROLE;
