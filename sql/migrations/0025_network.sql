-- SPDX-License-Identifier: GPL-2.0-or-later
-- The network: what an accept grants, which stations may ask, devices that
-- nobody logs in at (guideline C.15, C.16), and sessions that go on.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- Attributes of an accept beside the times: [{"attribute", "value", "vendor",
-- "number", "octets"}]. attribute and value are what an officer wrote, octets
-- (hexadecimal) what is sent.
ALTER TABLE policy
    ADD COLUMN grants jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_array_length(grants) <= 16),
    -- what a device gets whose record names no network of its own
    ADD COLUMN device_grants jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_array_length(device_grants) <= 16),
    -- whether people may log in from stations in the register only
    ADD COLUMN registered_stations boolean NOT NULL DEFAULT false,
    -- by what a device comes in alone, with no factor at all
    ADD COLUMN devices text NOT NULL DEFAULT 'none' CHECK (devices IN ('none', 'certificate', 'mac')),
    -- open sessions of one person at this policy's clients; 0: any number
    ADD COLUMN max_sessions int NOT NULL DEFAULT 0 CHECK (max_sessions BETWEEN 0 AND 1000),
    -- so long after a login a tunnel's session is taken up again; 0: never
    ADD COLUMN resume_minutes int NOT NULL DEFAULT 480 CHECK (resume_minutes BETWEEN 0 AND 1440);

-- kind station: a machine that people log in from. device: one that nobody logs
-- in at, and that is let in alone where a policy says so.
CREATE TABLE station (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CHECK (kind IN ('station', 'device')),
    name text NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 64),
    mac macaddr,
    owner_id uuid REFERENCES person,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'retired')),
    valid_until timestamptz,
    grants jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_array_length(grants) <= 16),
    -- of a device, for C.16: maker, model, firmware, advisory, risk, consent, note
    about jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at timestamptz,
    retired_why text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX station_mac ON station (mac) WHERE status = 'active';
CREATE UNIQUE INDEX station_name ON station (name) WHERE status = 'active';
CREATE INDEX station_retired_mac ON station (mac, retired_at) WHERE status = 'retired';
CREATE INDEX station_owner ON station (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX station_until ON station (valid_until) WHERE valid_until IS NOT NULL AND status = 'active';
CREATE INDEX station_grants ON station USING gin (grants jsonb_path_ops) WHERE grants <> '[]';

CREATE TABLE station_certificate (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    station_id uuid NOT NULL REFERENCES station,
    issuer_id uuid NOT NULL REFERENCES issuer,
    serial bytea NOT NULL CHECK (octet_length(serial) BETWEEN 1 AND 21),
    key_id bytea NOT NULL CHECK (octet_length(key_id) = 32),
    certificate bytea NOT NULL CHECK (octet_length(certificate) BETWEEN 64 AND 8192),
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_why text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX station_certificate_serial ON station_certificate (issuer_id, serial);
CREATE INDEX station_certificate_of_serial ON station_certificate (serial);
CREATE INDEX station_certificate_station ON station_certificate (station_id);

-- Which machine a session is on, if it is one that we know.
ALTER TABLE session ADD COLUMN station_id uuid;
CREATE INDEX session_station ON session (station_id) WHERE ended_at IS NULL AND station_id IS NOT NULL;
-- No index has what an interim update changes, so that it stays on its page and
-- touches none of them (heap-only tuples).
ALTER TABLE session ADD COLUMN created_at timestamptz NOT NULL DEFAULT clock_timestamp();
DROP INDEX session_unaccepted;
CREATE INDEX session_unaccepted ON session (client_id, created_at) WHERE accept_id IS NULL;
INSERT INTO setting (name, value, meaning) VALUES
    ('session.silent_minutes', '30', 'a client with open sessions that tells nothing of them for so long is said to be silent');

DELETE FROM login;
ALTER TABLE login DROP COLUMN view;
ALTER TYPE attempt_view ADD ATTRIBUTE grants text, ADD ATTRIBUTE registered_stations boolean,
    ADD ATTRIBUTE station_fault text;
ALTER TABLE login ADD COLUMN view attempt_view NOT NULL;

DROP FUNCTION IF EXISTS attempt_read(uuid, text, uuid, bytea, bytea, boolean, uuid);
DROP FUNCTION IF EXISTS certificate_keys(bytea);
DROP FUNCTION IF EXISTS policy_set(text, text[], int, int, int, int, int, int, text);

RESET ROLE;
