-- SPDX-License-Identifier: GPL-2.0-or-later
-- Work of maintenance staff (guideline 6.8 C.2): one person, a ticket, somebody
-- else's approval, a window of time and the clients it is for. Outside of it an
-- account of that kind opens nothing.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- 6.6 C.1, C.2: what was signed and learnt, by when
ALTER TABLE person
    ADD COLUMN pledge_on date,
    ADD COLUMN training_on date,
    ADD COLUMN contract_until date;
INSERT INTO setting (name, value, meaning) VALUES
    ('maintenance.max_hours', '24', 'longest window of a maintenance account, hours'),
    ('person.training_days', '365', 'days for which a training counts'),
    ('person.pledge_needed', '0', '1: nobody gets a card without a pledge, and a training that counts');
DROP FUNCTION IF EXISTS person_add(text, text, text, text, text, text, text, timestamptz, timestamptz,
    text[], date, text, text);
DROP FUNCTION IF EXISTS person_set(text, text, text, text, text[], date, text, text);

CREATE TABLE maintenance (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    ticket text NOT NULL CHECK (length(btrim(ticket)) BETWEEN 1 AND 200),
    plan text NOT NULL CHECK (length(btrim(plan)) BETWEEN 3 AND 2000),
    clients uuid[] NOT NULL CHECK (cardinality(clients) BETWEEN 1 AND 32),
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL CHECK (valid_until > valid_from),
    -- as whom something is looked at; the account stays the maintenance one
    acting_as uuid REFERENCES person,
    status text NOT NULL DEFAULT 'requested' CHECK (status IN ('requested', 'approved', 'refused', 'closed')),
    requested_by text NOT NULL DEFAULT session_user,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by text,
    decided_at timestamptz,
    ended_at timestamptz,       -- sessions were told to end
    -- without these three it is not closed
    personal_data boolean,
    whose text NOT NULL DEFAULT '' CHECK (length(whose) <= 2000),
    work text NOT NULL DEFAULT '' CHECK (length(work) <= 4000),
    closed_by text,
    closed_at timestamptz,
    CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CHECK (status <> 'closed' OR (personal_data IS NOT NULL AND length(btrim(work)) >= 3
        AND (NOT personal_data OR length(btrim(whose)) >= 2))),
    CHECK (status IN ('requested', 'refused') OR decided_by <> requested_by)
);
CREATE INDEX ON maintenance (person_id, status);

RESET ROLE;
