-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether the entry that carries a login still counts, for this person, in the
-- zone of this client, and opens one more terminal; '' if so, and then it is
-- noted. One entry is decided on at a time, on any number of nodes.
CREATE OR REPLACE FUNCTION sekisho.presence_use_take(
    p_person uuid, p_client uuid, p_evidence jsonb, p_now timestamptz)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_event bigint := (SELECT (e ->> 'event')::bigint FROM jsonb_array_elements(p_evidence) e
                        WHERE e ->> 'method' = 'door');
    v_entry presence;
    v_zone uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(7366, (v_event % 2147483647)::int);
    SELECT c.zone_id INTO v_zone
      FROM client c JOIN policy y ON y.id = c.policy_id
     WHERE c.id = p_client AND c.kind = 'terminal' AND y.methods @> '{door}';
    v_entry := presence_of(p_person, p_now, true);
    IF v_entry.event_id IS DISTINCT FROM v_event OR v_entry.zone_id IS DISTINCT FROM v_zone
        OR v_entry.fault IS NOT NULL THEN
        RETURN 'presence_ended';
    END IF;
    IF NOT password_fits_door(p_person) THEN
        RETURN 'password_too_short_for_door';
    END IF;
    IF presence_in_use(v_event, p_client) THEN
        RETURN 'presence_in_use';
    END IF;
    INSERT INTO presence_use (event_id, client_id, at) VALUES (v_event, p_client, p_now)
    ON CONFLICT (event_id, client_id) DO UPDATE SET at = excluded.at;
    RETURN '';
END
$$;
REVOKE ALL ON FUNCTION sekisho.presence_use_take(uuid, uuid, jsonb, timestamptz) FROM PUBLIC;
