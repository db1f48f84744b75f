-- SPDX-License-Identifier: GPL-2.0-or-later
-- Rules for passwords by group (guideline C.14 (4), (5)), and the ledger of who
-- was known by what before a secret of his was given out anew (C.14 (2)).
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- a: long, for good. b: shorter, and changed within two months. c: shorter, for
-- good, where a second factor is always asked for; that is everywhere here.
CREATE TABLE password_rule (
    name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
    class text NOT NULL CHECK (class IN ('a', 'b', 'c')),
    min_chars int NOT NULL CHECK (min_chars BETWEEN CASE class WHEN 'a' THEN 13 ELSE 8 END AND 64),
    -- in days of the hospital's calendar, the day it was set not counted
    expire_days int CHECK (expire_days BETWEEN 1 AND 3650),
    warn_days int CHECK (warn_days BETWEEN 0 AND expire_days),
    history int NOT NULL DEFAULT 5 CHECK (history BETWEEN 1 AND 24),
    CHECK (class <> 'b' OR coalesce(expire_days, 60) <= 59)
);
INSERT INTO password_rule (name, class, min_chars) VALUES ('default', 'c', 8);
INSERT INTO setting (name, value, meaning) VALUES
    ('password.guess_bits', '36', 'bits that a password has left when names, words, dates and runs of keys are taken off');

ALTER TABLE person
    ADD COLUMN password_rule text NOT NULL DEFAULT 'default' REFERENCES password_rule,
    ADD COLUMN birth date,
    ADD COLUMN staff_number text NOT NULL DEFAULT '' CHECK (length(staff_number) <= 64),
    -- the name in every script, as card-admin folds it
    ADD COLUMN name_forms text[] NOT NULL DEFAULT '{}' CHECK (cardinality(name_forms) <= 64);
CREATE INDEX person_staff_number ON person (staff_number) WHERE staff_number <> '';
DROP FUNCTION IF EXISTS person_add(text, text, text, text, text, text, text, timestamptz, timestamptz);
DROP FUNCTION IF EXISTS person_set(text, text, text, text);

-- A secret that counts beside the person's card and nowhere else.
ALTER TABLE verifier ADD COLUMN with_card boolean NOT NULL DEFAULT false;
CREATE INDEX verifier_history ON verifier (person_id, set_at);
DROP FUNCTION IF EXISTS password_set(text, uuid, bytea, int, int, bytea, int, boolean, int);

-- The ledger. What it says is never changed: a correction is an entry of its own.
CREATE TABLE identity_proof (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    person_id uuid NOT NULL REFERENCES person,
    login text NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('password_reset', 'password_leaked', 'password_set',
        'card', 'totp', 'fido2', 'other')),
    method text NOT NULL CHECK (method IN ('in_person', 'video', 'call_back', 'known')),
    documents text NOT NULL CHECK (length(btrim(documents)) BETWEEN 3 AND 500),
    note text NOT NULL DEFAULT '' CHECK (length(note) <= 2000),
    verifier text NOT NULL DEFAULT session_user,
    second_verifier text NOT NULL DEFAULT '' CHECK (length(second_verifier) <= 64),
    corrects bigint REFERENCES identity_proof,
    -- spent by the reset it was made for
    used_at timestamptz
);
CREATE INDEX ON identity_proof (person_id, at);
CREATE TABLE identity_copy (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    proof_id bigint NOT NULL REFERENCES identity_proof,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    octets bytea NOT NULL CHECK (octet_length(octets) BETWEEN 1 AND 10485760)
);
CREATE INDEX ON identity_copy (proof_id);
CREATE FUNCTION ledger_is_append_only() RETURNS trigger
    LANGUAGE plpgsql SET search_path = sekisho, pg_temp
AS $$
BEGIN
    -- an entry is spent once, and nothing else of it ever changes
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'identity_proof' THEN
        IF (OLD.used_at IS NULL AND NEW.used_at IS NOT NULL
            AND to_jsonb(OLD) - 'used_at' = to_jsonb(NEW) - 'used_at') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the ledger is append only' USING ERRCODE = 'SK002';
END
$$;
REVOKE ALL ON FUNCTION ledger_is_append_only() FROM PUBLIC;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON identity_proof
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON identity_proof
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON identity_copy
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON identity_copy
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

-- What the first round reads grows, at its end: workers of before go on until they are
-- replaced (must_change stays for them). A login in progress that was begun under the
-- old shape is begun again.
DELETE FROM login;
ALTER TABLE login DROP COLUMN view;
ALTER TYPE attempt_view
    -- days until the password expires, from the first warning on; negative: it
    -- can only be changed (password_change_due)
    ADD ATTRIBUTE change int,
    ADD ATTRIBUTE with_card boolean,
    -- of a change under way, sealed by a worker
    ADD ATTRIBUTE carried bytea;
ALTER TABLE login ADD COLUMN view attempt_view NOT NULL,
    ADD COLUMN carried bytea CHECK (octet_length(carried) <= 1024);
DROP FUNCTION IF EXISTS attempt_record(uuid, bigint, bigint,
    uuid, uuid, bigint, text, text, text, text, text, text[], text[], bytea[], jsonb,
    bytea, bytea, uuid, bigint, int, text, text, bigint, boolean, bytea);

RESET ROLE;
