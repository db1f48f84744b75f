-- SPDX-License-Identifier: GPL-2.0-or-later
-- Readers at doors that ask by RADIUS: clients of kind door. What such a client
-- is heard to say comes from a source of its own, which workers speak for and no
-- feed does.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- A reader is known by its client and its name (Called-Station-Id), and stands
-- on one side of one door. Its name is signed in place of a login.
CREATE TABLE door_reader (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    client_id uuid NOT NULL REFERENCES client,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64 AND octet_length(name) <= 128
        AND name !~ '[[:cntrl:]]' AND name = btrim(name)),
    door_id uuid NOT NULL REFERENCES door,
    side text NOT NULL CHECK (side IN ('in', 'out')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (client_id, name)
);
CREATE INDEX ON door_reader (door_id);

-- The source of a client is named for its UUID: names of clients are used again.
ALTER TABLE door_source ADD COLUMN client_id uuid UNIQUE REFERENCES client;
INSERT INTO door_source (name, role, client_id, status)
SELECT c.id::text, 'sekisho_authd', c.id, c.status FROM client c WHERE c.kind = 'door';

-- A refusal at a door is no login; sums keep the two apart.
ALTER TABLE refusal_tally ADD COLUMN purpose text NOT NULL DEFAULT 'login';

INSERT INTO setting (name, value, meaning) VALUES
    ('door.list_hours', '12', 'how long a door may let in by its list when no server answers; 0: none has one');

RESET ROLE;
