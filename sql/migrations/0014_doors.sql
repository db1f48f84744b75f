-- SPDX-License-Identifier: GPL-2.0-or-later
-- Doors: who entered which zone, and when that counts at a terminal (guideline
-- D.5). Events are facts and never change; who is where is derived from them
-- whenever it is asked, so the order in which they arrive does not matter.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- An alarm (fire, forced, held, duress, passback) stands from its event until
-- another event ends it or an operator does (alarm_over_at). While it stands
-- nobody's presence counts for a new login; running sessions are not touched.
ALTER TABLE zone ADD COLUMN shift_minutes int NOT NULL DEFAULT 720
        CHECK (shift_minutes BETWEEN 1 AND 1440),
    -- the nightly clear, local time; NULL where people work at night
    ADD COLUMN clear_at time,
    ADD COLUMN alarm_over_at timestamptz NOT NULL DEFAULT '-infinity';

-- Entries that we heard of before this moment count no more: a card or badge
-- that was used for them was ended then.
ALTER TABLE person ADD COLUMN entries_from timestamptz NOT NULL DEFAULT '-infinity';

-- A door leads from one zone to another; NULL is outside all of them. How a
-- person is identified on either side: '' where nobody is (no reader).
CREATE DOMAIN door_method AS text
    CHECK (VALUE IN ('', 'card', 'card_pin', 'biometric', 'uid', 'code', 'attendant'));
CREATE TABLE door (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    from_zone uuid REFERENCES zone,
    to_zone uuid REFERENCES zone,
    method_in door_method NOT NULL DEFAULT 'card',
    method_out door_method NOT NULL DEFAULT '',
    reports_opened boolean NOT NULL DEFAULT false,  -- then no entry without it
    single_file boolean NOT NULL DEFAULT false,     -- lets one person through at a time
    -- a number that can be copied counts as possession: who accepts that, till when
    uid_until timestamptz,
    uid_why text NOT NULL DEFAULT '' CHECK (length(uid_why) <= 500),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'removed')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (from_zone IS DISTINCT FROM to_zone),
    CHECK (uid_until IS NULL OR uid_why <> '')
);
CREATE UNIQUE INDEX door_name ON door (name) WHERE status = 'active';

-- Who tells us of events. Silent for longer than silent_after seconds: what
-- it told counts for no new login.
CREATE TABLE door_source (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    silent_after int NOT NULL DEFAULT 90 CHECK (silent_after BETWEEN 10 AND 86400),
    -- the database role that may speak for it
    role text NOT NULL DEFAULT 'sekisho_door_feed',
    heard_at timestamptz,
    silent boolean NOT NULL DEFAULT false,  -- already said in the audit
    last_seq bigint,                        -- of sources that number their events
    cursor text NOT NULL DEFAULT '' CHECK (octet_length(cursor) <= 4096),
    repeats bigint NOT NULL DEFAULT 0,
    repeat_said timestamptz,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'removed'))
);

-- What happened. zone_id: where the person is after it (NULL: outside).
-- quarantine: why it is history only; such an event never makes presence.
CREATE TABLE door_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id uuid NOT NULL REFERENCES door_source,
    event text NOT NULL CHECK (octet_length(event) BETWEEN 1 AND 128),
    kind text NOT NULL CHECK (kind IN ('enter', 'leave', 'opened', 'closed', 'forced', 'held',
        'duress', 'passback', 'fire', 'fire_over', 'denied', 'unknown')),
    door_id uuid REFERENCES door,
    person_id uuid REFERENCES person,
    zone_id uuid REFERENCES zone,
    method door_method NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    quarantine text NOT NULL DEFAULT '' CHECK (length(quarantine) <= 32),
    detail jsonb NOT NULL DEFAULT '{}',
    UNIQUE (source_id, event)
);
-- Where is this person? The newest movement; of two at once the leaving, and
-- of two alike always the same one, in whichever order they arrived.
CREATE INDEX door_event_person ON door_event (person_id, at DESC, kind DESC, source_id, event)
    WHERE kind IN ('enter', 'leave') AND quarantine = '';
-- Who was in this zone at a time?
CREATE INDEX door_event_zone ON door_event (zone_id, at)
    WHERE kind IN ('enter', 'leave') AND quarantine = '';
CREATE INDEX door_event_door ON door_event (door_id, kind, at)
    WHERE kind NOT IN ('enter', 'leave', 'denied', 'unknown') AND quarantine = '';
CREATE INDEX door_event_quarantine ON door_event (id) WHERE quarantine <> '';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON door_event
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON door_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

INSERT INTO setting (name, value, meaning) VALUES
    ('site.timezone', 'Asia/Tokyo', 'in which times of day are meant, like a zone''s nightly clear');

-- What can be said of a person's presence at a moment. fault: why it counts
-- for no new login; NULL: it does.
CREATE TYPE presence AS (event_id bigint, zone_id uuid, door text, method text,
    category text, since timestamptz, until timestamptz, fault text);

-- What outlives its login is an event of a door; nothing was ever written here.
DROP TABLE evidence;

-- At which terminals an entry has been used for logins.
CREATE TABLE presence_use (
    event_id bigint NOT NULL REFERENCES door_event,
    client_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (event_id, client_id)
);

-- door: an entry into the terminal's zone counts as the category of how the
-- person was identified there. Off until a policy names it.
ALTER TABLE policy DROP CONSTRAINT policy_methods_check;
ALTER TABLE policy ADD CONSTRAINT policy_methods_check
    CHECK (methods <@ '{password,totp,card,pin,door}'::text[]);
-- how many terminals one entry opens at once
ALTER TABLE policy ADD COLUMN door_terminals int NOT NULL DEFAULT 1
    CHECK (door_terminals BETWEEN 1 AND 16);

-- What the first round reads of an entry (attempt_ground). A login in progress
-- holds none: one that was begun under the old shape is begun again.
DELETE FROM login;
ALTER TABLE login DROP COLUMN view;
ALTER TYPE attempt_view ADD ATTRIBUTE door_counts boolean, ADD ATTRIBUTE door_event bigint,
    ADD ATTRIBUTE door_category text, ADD ATTRIBUTE door_at bigint,
    ADD ATTRIBUTE door_until bigint, ADD ATTRIBUTE door_name text;
ALTER TABLE login ADD COLUMN view attempt_view NOT NULL;

RESET ROLE;
