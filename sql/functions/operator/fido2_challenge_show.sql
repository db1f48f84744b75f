-- SPDX-License-Identifier: GPL-2.0-or-later
-- What an answer to an invitation is held against: the challenges of this person
-- that are open, and the rules.
CREATE OR REPLACE FUNCTION sekisho.fido2_challenge_show(
    p_login text)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid := person_id_of(p_login);
    v_rp text := (SELECT s.value FROM setting s WHERE s.name = 'fido2.rp_id');
BEGIN
    IF v_rp = '' THEN
        PERFORM refuse('fido2_off', p_login);
    END IF;
    RETURN jsonb_build_object('rp_id', v_rp,
        'challenges', (SELECT coalesce(jsonb_agg(encode(c.challenge, 'hex') ORDER BY c.created_at), '[]')
            FROM fido2_challenge c WHERE c.person_id = v_person AND c.expires_at > clock_timestamp()),
        'origins', (SELECT to_jsonb(CASE WHEN s.value = '' THEN ARRAY['https://' || v_rp]
                ELSE string_to_array(s.value, ' ') END) FROM setting s WHERE s.name = 'fido2.origins'),
        'syncable', (SELECT s.value = 'accept' FROM setting s WHERE s.name = 'fido2.syncable'),
        'attestation', (SELECT s.value FROM setting s WHERE s.name = 'fido2.attestation'),
        'models', fido2_model_list());
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_challenge_show(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.fido2_challenge_show(text) TO sekisho_operator;
