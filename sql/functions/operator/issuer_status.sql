-- SPDX-License-Identifier: GPL-2.0-or-later
-- What an issuer's OCSP responder says of one key; card-admin has verified the
-- answer with p_certificate, the issuer's. good: it counts until p_until.
-- revoked: it never counts again. unknown: it counts no more, until the issuer
-- says good.
CREATE OR REPLACE FUNCTION sekisho.issuer_status(
    p_name text,
    p_certificate bytea,
    p_key uuid,
    p_status text,
    p_this timestamptz,
    p_until timestamptz,
    p_revoked_at timestamptz DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_issuer issuer;
    v_key card_key;
    v_person person;
    v_until timestamptz;
BEGIN
    SELECT i.* INTO v_issuer FROM issuer i WHERE i.name = p_name FOR SHARE;
    IF v_issuer.id IS NULL THEN
        PERFORM refuse('issuer_unknown', p_name);
    END IF;
    IF v_issuer.revocation <> 'ocsp' OR v_issuer.status <> 'active' THEN
        PERFORM refuse('issuer_without_ocsp', p_name);
    END IF;
    IF v_issuer.certificate <> p_certificate THEN
        PERFORM refuse('issuer_changed', p_name);   -- it was verified with another
    END IF;
    SELECT k.* INTO v_key FROM card_key k
     WHERE k.id = p_key AND k.issuer_id = v_issuer.id AND k.revoked_at IS NULL FOR UPDATE;
    IF v_key.id IS NULL THEN
        PERFORM refuse('card_key_ended', p_key::text);
    END IF;
    IF p_this > v_now + interval '5 minutes' THEN
        PERFORM refuse('status_early', p_name);
    END IF;
    IF p_this < v_key.status_this THEN
        PERFORM refuse('status_older', p_name);
    END IF;
    IF p_status = 'good' THEN
        IF coalesce(p_until <= v_now, true) THEN    -- least() would pass over NULL
            PERFORM refuse('status_stale', p_name);
        END IF;
        v_until := least(p_until, v_now + interval '7 days');
    END IF;
    IF p_status NOT IN ('good', 'revoked', 'unknown') THEN
        RAISE EXCEPTION 'no such status: %', p_status;
    END IF;
    UPDATE card_key k SET status_until = v_until, status_this = p_this,
           revoked_at = CASE p_status WHEN 'revoked' THEN v_now END,
           revoked_why = CASE p_status WHEN 'revoked' THEN 'issuer' ELSE '' END
     WHERE k.id = p_key;
    IF p_status = 'revoked' THEN
        -- nobody is to bind it again
        INSERT INTO issuer_revoked (issuer_id, serial, at)
        VALUES (v_issuer.id, v_key.serial, coalesce(p_revoked_at, p_this))
        ON CONFLICT DO NOTHING;
    END IF;
    IF p_status <> 'good' THEN
        UPDATE person p SET version = p.version + 1
         WHERE p.id = (SELECT t.person_id FROM token t WHERE t.id = v_key.token_id)
        RETURNING p.* INTO v_person;
    END IF;
    -- unknown is news once, not every hour
    IF p_status = 'revoked' OR (p_status = 'unknown'
        AND (v_key.status_this IS NULL OR v_key.status_until IS NOT NULL)) THEN
        INSERT INTO audit (kind, login, person_id, outcome, reason, detail)
        VALUES ('admin', v_person.login, v_person.id, 'done', 'card_key_' || p_status,
            jsonb_build_object('token', v_key.token_id, 'issuer', p_name,
                'serial', encode(v_key.serial, 'hex')));
    END IF;
    RETURN jsonb_build_object('key', p_key, 'status', p_status, 'until', v_until);
END
$$;
REVOKE ALL ON FUNCTION sekisho.issuer_status(text, bytea, uuid, text, timestamptz, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.issuer_status(text, bytea, uuid, text, timestamptz, timestamptz, timestamptz) TO sekisho_operator, sekisho_refresh;
