-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a door's client or a feed can make the server keep or believe is bounded.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- Of a door's client so many events a day are kept in quarantine, the rest is
-- a number.
ALTER TABLE door_source ADD COLUMN dropped bigint NOT NULL DEFAULT 0,
    ADD COLUMN dropped_said timestamptz,
    -- what was told before a source was removed counts no more when it is back
    ADD COLUMN counts_from timestamptz NOT NULL DEFAULT '-infinity';
CREATE INDEX door_event_quarantine_of ON door_event (source_id, received_at) WHERE quarantine <> '';

-- It is in the audit that this session is over: a client that denies it and
-- tells of it in turn must not fill that.
ALTER TABLE session ADD COLUMN end_said boolean NOT NULL DEFAULT false;

-- Events are taken by the list (door_events_take).
DROP FUNCTION IF EXISTS door_event_take(door_source, jsonb, timestamptz);

RESET ROLE;
