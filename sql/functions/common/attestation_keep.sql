-- SPDX-License-Identifier: GPL-2.0-or-later
-- Keeps the statements of a card's keys, in base64 in what card-admin sends;
-- answers with the rest, which is for people to read.
CREATE OR REPLACE FUNCTION sekisho.attestation_keep(
    p_token uuid,
    p_attestation jsonb)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_rest jsonb := p_attestation;
    r record;
BEGIN
    IF jsonb_typeof(p_attestation) IS DISTINCT FROM 'object' THEN
        RETURN p_attestation;
    END IF;
    -- of keys that were there before nothing is to be believed
    DELETE FROM card_attestation a WHERE a.token_id = p_token;
    FOR r IN SELECT e.key, e.value FROM jsonb_each(p_attestation) e
              WHERE jsonb_typeof(e.value) = 'object' AND e.value ? 'statement' LOOP
        INSERT INTO card_attestation (token_id, slot, statement, attester)
        VALUES (p_token, r.key, decode(r.value ->> 'statement', 'base64'),
            decode(r.value ->> 'attester_certificate', 'base64'));
        v_rest := jsonb_set(v_rest, ARRAY[r.key], r.value - 'statement' - 'attester_certificate');
    END LOOP;
    RETURN v_rest;
END
$$;
REVOKE ALL ON FUNCTION sekisho.attestation_keep(uuid, jsonb) FROM PUBLIC;
