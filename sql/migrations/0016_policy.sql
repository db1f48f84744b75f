-- SPDX-License-Identifier: GPL-2.0-or-later
-- What else decides whether an entry counts, and what can be said about it.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- Grace: for so many minutes after both factors were given at a terminal, what
-- was held counts again there for the same person beside a new password. 0: off.
-- At most eight hours, the longest that one turn of duty is: whoever comes back
-- after that shows the card or the code once more.
ALTER TABLE policy ADD COLUMN grace_minutes int NOT NULL DEFAULT 0
    CHECK (grace_minutes BETWEEN 0 AND 480);

-- What was proven last at a terminal (grace_of, grace_keep), with the versions
-- that it rested on.
CREATE TABLE grace (
    client_id uuid PRIMARY KEY, -- no foreign keys: see login
    person_id uuid NOT NULL,
    person_version bigint NOT NULL,
    client_version bigint NOT NULL,
    rules_version bigint NOT NULL,
    audit_id bigint NOT NULL,   -- the accept
    at timestamptz NOT NULL,
    evidence jsonb NOT NULL     -- the one piece that was held
);
-- Class a (guideline C.14 (4)): who logs in by an entry and a password needs one
-- of 13 characters. How long a password is cannot be told from what is stored, so
-- the operator's program says which rule it met when it was set: at least so many
-- characters, not how many. NULL: nobody knows, and no entry is enough with it.
ALTER TABLE verifier ADD COLUMN min_chars int CHECK (min_chars BETWEEN 8 AND 128);
INSERT INTO setting (name, value, meaning) VALUES
    ('password.door_chars', '13', 'characters of a password that is enough with an entry through a door');
DROP FUNCTION IF EXISTS password_set(text, uuid, bytea, int, int, bytea, int, boolean);

-- Against tailgating: only entries by doors that let one person through at a time
-- count in such a zone.
ALTER TABLE zone ADD COLUMN single_file boolean NOT NULL DEFAULT false;
DROP FUNCTION IF EXISTS zone_set(text, int, text, boolean);

-- What officers enter by hand comes from a source that nobody may speak for: it
-- is history and presence, and never heard of as a factor.
ALTER TABLE door_source DROP CONSTRAINT door_source_status_check;
ALTER TABLE door_source ADD CONSTRAINT door_source_status_check
    CHECK (status IN ('active', 'removed', 'manual'));
INSERT INTO door_source (name, role, status) VALUES ('entered by hand', '', 'manual');
CREATE UNIQUE INDEX door_source_manual ON door_source (status) WHERE status = 'manual';
ALTER TABLE order_ DROP CONSTRAINT order__kind_check;
ALTER TABLE order_ ADD CONSTRAINT order__kind_check CHECK (kind IN ('totp_confirm', 'totp_resync',
    'card_certificate', 'card_prove', 'card_puk', 'card_management', 'ca_init', 'card_renew',
    'escrow_puk', 'escrow_management', 'presence_enter'));
-- what it is about: nobody, a person, or a person's token
ALTER TABLE order_ DROP CONSTRAINT order__check;
ALTER TABLE order_ ADD CONSTRAINT order__check CHECK ((kind = 'ca_init') = (person_id IS NULL)
    AND (kind IN ('ca_init', 'presence_enter')) = (token_id IS NULL));
INSERT INTO order_rule (kind, approvals, least) VALUES ('presence_enter', 1, 1);

DROP FUNCTION IF EXISTS policy_set(text, text[], int, int, int, int, int);

-- What the first round reads (attempt_ground) grows. A login in progress that
-- was begun under the old shape is begun again.
DELETE FROM login;
ALTER TABLE login DROP COLUMN view;
-- why an entry that is there does not carry a login (common/rules/first.h)
ALTER TYPE attempt_view ADD ATTRIBUTE door_fault text,
    -- what was proven here before: which accept it was given for, and the piece
    ADD ATTRIBUTE earlier bigint, ADD ATTRIBUTE earlier_category text,
    ADD ATTRIBUTE earlier_method text, ADD ATTRIBUTE earlier_at bigint,
    ADD ATTRIBUTE earlier_until bigint, ADD ATTRIBUTE earlier_token uuid,
    ADD ATTRIBUTE earlier_label text;
ALTER TABLE login ADD COLUMN view attempt_view NOT NULL;

RESET ROLE;
