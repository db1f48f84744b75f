-- SPDX-License-Identifier: GPL-2.0-or-later
-- What an attempt rests on, as one type: the first round leaves it in its
-- login in progress, and the second reads it there instead of asking half a
-- dozen tables again. That it still holds is attempt_record's to check.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- Grows with each change of what logins at a client rest on besides the client
-- itself: its policy, its zone. One number to compare instead of two tables.
ALTER TABLE client ADD COLUMN rules_version bigint NOT NULL DEFAULT 1;

CREATE FUNCTION client_rules_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    IF TG_TABLE_NAME = 'policy' THEN
        UPDATE client c SET rules_version = c.rules_version + 1 WHERE c.policy_id = NEW.id;
    ELSE
        UPDATE client c SET rules_version = c.rules_version + 1 WHERE c.zone_id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION client_rules_changed() FROM PUBLIC;
CREATE TRIGGER rules_changed AFTER UPDATE OF version ON policy
    FOR EACH ROW EXECUTE FUNCTION client_rules_changed();
CREATE TRIGGER rules_changed AFTER UPDATE OF version ON zone
    FOR EACH ROW EXECUTE FUNCTION client_rules_changed();

-- A type and not RETURNS TABLE: PostgreSQL keeps its description, and need
-- not make fifty columns anew for every call.
CREATE TYPE attempt_view AS (
    now_epoch bigint,
    client_version bigint, rules_version bigint, client_name text, client_kind text,
    client_codes text, client_show_first boolean, client_lang text,
    client_no_ma boolean, policy_methods text[],
    state_seconds int, totp_window int,
    session_timeout int, idle_timeout int,
    scope text, subject uuid,
    person_id uuid, person_version bigint, person_usable boolean,
    person_lang text, familiar boolean,
    knowledge_wait int, possession_wait int,
    verifier_id uuid, salt bytea, opslimit int, memlimit_kib int,
    tag bytea, tag_key int, must_change boolean,
    cost_opslimit int, cost_memlimit_kib int,
    state_found boolean, state_evidence jsonb,
    token_id uuid, token_label text, algorithm text, digits int, period int,
    last_step bigint, drift int, seed bytea, seed_key int,
    key_token uuid, key_label text, key_spki bytea, key_pin boolean,
    key_fault text);

-- A login that was begun before has none: it is begun again.
DELETE FROM login;
ALTER TABLE login ADD COLUMN view attempt_view NOT NULL;

DROP FUNCTION IF EXISTS attempt_read(uuid, text, uuid, bytea);
DROP FUNCTION IF EXISTS attempt_read_signed(uuid, text, uuid, bytea, bytea);
DROP FUNCTION IF EXISTS attempt_record(uuid, bigint, uuid, bigint, uuid, bigint,
    uuid, uuid, bigint, text, text, text, text, text, text[], text[], bytea[], jsonb,
    bytea, bytea, int, uuid, bigint, int, text, text);

RESET ROLE;
