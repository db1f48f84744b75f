-- SPDX-License-Identifier: GPL-2.0-or-later
-- Which keys a reader may let in when no server answers: those that count now,
-- of persons who have passed this door within 30 days, where a card is enough. In
-- the order of their ids, after one, 96 at most; seconds: how long it may be
-- used. NULL: this door has no such reader.
CREATE OR REPLACE FUNCTION sekisho.entry_keys(
    p_client uuid, p_version bigint, p_reader text, p_after bytea,
    OUT seconds int, OUT keys bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_door uuid;
    v_method text;
BEGIN
    SELECT d.id, CASE r.side WHEN 'in' THEN d.method_in ELSE d.method_out END INTO v_door, v_method
      FROM client c JOIN door_reader r ON r.client_id = c.id JOIN door d ON d.id = r.door_id
     WHERE c.id = p_client AND c.status = 'active' AND c.version = p_version AND c.kind = 'door'
       AND r.name = p_reader AND d.status = 'active';
    IF v_door IS NULL THEN
        RETURN;
    END IF;
    seconds := (SELECT s.value::int * 3600 FROM setting s WHERE s.name = 'door.list_hours');
    keys := '';
    IF v_method <> 'card' OR seconds = 0 THEN
        RETURN;
    END IF;
    SELECT coalesce(string_agg(x.key_id, '' ORDER BY x.key_id), '') INTO keys FROM (
        SELECT k.key_id
          FROM card_key k JOIN card d ON d.token_id = k.token_id JOIN token t ON t.id = k.token_id
               JOIN person p ON p.id = t.person_id LEFT JOIN issuer i ON i.id = k.issuer_id
         WHERE k.key_id > p_after AND k.slot = '9e' AND p.status = 'active'
           AND card_fault(t, d, k, i, v_now) IS NULL
           AND EXISTS (SELECT FROM affiliation a WHERE a.person_id = p.id AND a.valid_from <= v_now
               AND (a.valid_until IS NULL OR a.valid_until > v_now))
           AND EXISTS (SELECT FROM door_event e WHERE e.person_id = p.id AND e.door_id = v_door
               AND e.kind IN ('enter', 'leave') AND e.quarantine = '' AND e.at > v_now - interval '30 days')
         ORDER BY k.key_id LIMIT 96) x;
END
$$;
REVOKE ALL ON FUNCTION sekisho.entry_keys(uuid, bigint, text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.entry_keys(uuid, bigint, text, bytea) TO sekisho_authd;
