-- SPDX-License-Identifier: GPL-2.0-or-later
-- The signature counter of an assertion did not grow (WebAuthn 7.2, step 22): '' if
-- the key has none; else why the login is refused. It
-- means that there may be a copy of the key: it is suspended, and somebody is told.
-- The caller holds the person's row.
CREATE OR REPLACE FUNCTION sekisho.fido2_still(
    p_token uuid, p_counter bigint, p_login text, p_now timestamptz)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    k fido2_key;
BEGIN
    -- two at once, or none that counts
    SELECT x.* INTO k FROM fido2_key x WHERE x.token_id = p_token FOR UPDATE;
    IF k.state IS DISTINCT FROM 'active' THEN
        RETURN 'changed_meanwhile';
    ELSIF p_counter = 0 AND k.sign_count = 0 THEN
        RETURN '';
    END IF;
    UPDATE fido2_key x SET state = 'suspended', why = 'its signature counter did not grow',
           changed_at = p_now, changed_by = 'sekisho' WHERE x.token_id = p_token;
    UPDATE token t SET status = 'suspended' WHERE t.id = p_token AND t.status = 'active';
    INSERT INTO audit (at, kind, login, person_id, outcome, reason, detail)
    SELECT p_now, 'system', p_login, t.person_id, 'refused', 'fido2_copied', jsonb_build_object(
               'token', t.id, 'label', t.label, 'counter', p_counter, 'known', k.sign_count)
      FROM token t WHERE t.id = p_token;
    RETURN 'fido2_counter';
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_still(uuid, bigint, text, timestamptz) FROM PUBLIC;
