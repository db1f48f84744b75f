-- SPDX-License-Identifier: GPL-2.0-or-later
-- Suspends, resumes or revokes a code token (cards: card_status). A pending one cannot be made active
-- here: only its holder's code does that.
CREATE OR REPLACE FUNCTION sekisho.token_status(
    p_login text,
    p_token uuid,
    p_status text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    v_id := person_id_of(p_login);
    -- the person first, then the token, as a login with a code takes them
    PERFORM FROM person p WHERE p.id = v_id FOR NO KEY UPDATE;
    UPDATE token k SET status = p_status
     WHERE k.id = p_token AND k.person_id = v_id AND k.method = 'totp'
       AND k.status <> p_status
       AND (p_status = 'revoked' OR (p_status, k.status) IN (('suspended', 'active'), ('active', 'suspended')))
       AND k.status <> 'revoked';
    IF NOT FOUND THEN
        PERFORM refuse('token_status_unchanged', p_token::text);
    END IF;
    UPDATE person p SET version = p.version + 1 WHERE p.id = v_id;
    PERFORM audit_admin('token_' || p_status, p_login, v_id,
        jsonb_build_object('token', p_token));
    RETURN (SELECT jsonb_build_object('id', k.id, 'status', k.status)
              FROM token k WHERE k.id = p_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.token_status(text, uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.token_status(text, uuid, text) TO sekisho_operator;
