-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a card's answer at a reader rests on: the entry in progress, the side
-- of the door, the key and whose it is, and why that key or person does not
-- count (fault NULL: both do). One row always.
CREATE OR REPLACE FUNCTION sekisho.entry_read(
    p_client uuid, p_version bigint, p_reader text, p_state bytea, p_key bytea,
    OUT now_epoch bigint, OUT state_found boolean, OUT method text, OUT door text,
    OUT person_id uuid, OUT person_version bigint, OUT login text,
    OUT token_id uuid, OUT label text, OUT spki bytea, OUT pin boolean, OUT fault text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_usable boolean;
BEGIN
    now_epoch := floor(extract(epoch FROM v_now));
    SELECT true, CASE r.side WHEN 'in' THEN d.method_in ELSE d.method_out END, d.name
      INTO state_found, method, door
      FROM login l JOIN client c ON c.id = l.client_id
           JOIN door_reader r ON r.client_id = c.id AND r.name = l.login
           JOIN door d ON d.id = r.door_id
     WHERE l.state_hash = p_state AND l.client_id = p_client AND l.login = p_reader
       AND l.purpose = 'entry' AND l.expires_at > v_now
       AND c.status = 'active' AND c.version = p_version AND d.status = 'active';
    state_found := coalesce(state_found, false);
    IF NOT state_found THEN
        RETURN;
    END IF;
    -- A 9C or 9D key signs and decrypts papers; it opens no door.
    SELECT t.id, coalesce(nullif(d.number, ''), t.label), k.spki, k.pin = 'enforced',
           CASE WHEN k.slot IN ('9a', '9e') THEN card_fault(t, d, k, i, v_now) ELSE 'card_unknown' END,
           p.id, p.version, p.login, p.status = 'active'
      INTO token_id, label, spki, pin, fault, person_id, person_version, login, v_usable
      FROM card_key k
           JOIN card d ON d.token_id = k.token_id
           JOIN token t ON t.id = k.token_id
           JOIN person p ON p.id = t.person_id
           LEFT JOIN issuer i ON i.id = k.issuer_id
     WHERE k.key_id = p_key
     ORDER BY k.revoked_at NULLS FIRST LIMIT 1;
    IF token_id IS NULL THEN
        fault := 'card_unknown';
    ELSIF fault IS NULL AND NOT (v_usable AND EXISTS (
            SELECT FROM affiliation a WHERE a.person_id = entry_read.person_id AND a.valid_from <= v_now
               AND (a.valid_until IS NULL OR a.valid_until > v_now))) THEN
        fault := 'person_unusable';
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.entry_read(uuid, bigint, text, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.entry_read(uuid, bigint, text, bytea, bytea) TO sekisho_authd;
