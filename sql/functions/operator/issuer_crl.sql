-- SPDX-License-Identifier: GPL-2.0-or-later
-- Takes over a CRL of another issuer, whose signature card-admin has verified.
-- What it revokes stops counting with it: the keys of cards that we know, and
-- those that somebody may want to bind. What it holds (p_hold) stops, too, and
-- counts again with the first CRL that does not have it.
CREATE OR REPLACE FUNCTION sekisho.issuer_crl(
    p_name text,
    p_certificate bytea,
    p_crl bytea,
    p_number bigint,
    p_this timestamptz,
    p_next timestamptz,
    p_serials bytea[],
    p_at timestamptz[],
    p_hold boolean[] DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_issuer issuer;
    v_key record;
    v_n int := 0;
    v_held int := 0;
    v_released int := 0;
BEGIN
    SELECT i.* INTO v_issuer FROM issuer i WHERE i.name = p_name FOR UPDATE;
    IF v_issuer.id IS NULL THEN
        PERFORM refuse('issuer_unknown', p_name);
    END IF;
    IF v_issuer.revocation <> 'crl' OR v_issuer.status <> 'active' THEN
        PERFORM refuse('issuer_without_crl', p_name);
    END IF;
    IF v_issuer.certificate <> p_certificate THEN
        PERFORM refuse('issuer_changed', p_name);   -- it was verified with another
    END IF;
    IF p_next <= clock_timestamp() THEN
        PERFORM refuse('crl_expired', p_name);
    END IF;
    IF p_this > clock_timestamp() + interval '5 minutes' THEN
        PERFORM refuse('crl_early', p_name);
    END IF;
    IF p_number < v_issuer.crl_number OR p_this < v_issuer.crl_this THEN
        PERFORM refuse('crl_older', p_name);
    END IF;
    UPDATE issuer i SET crl = p_crl, crl_number = p_number, crl_this = p_this, crl_next = p_next
     WHERE i.id = v_issuer.id RETURNING i.* INTO v_issuer;
    DELETE FROM issuer_revoked r WHERE r.issuer_id = v_issuer.id;
    INSERT INTO issuer_revoked (issuer_id, serial, at, hold)
    SELECT v_issuer.id, x.serial, min(x.at), bool_and(coalesce(x.hold, false))
      FROM unnest(p_serials, p_at, p_hold) x(serial, at, hold)
     WHERE x.serial IS NOT NULL GROUP BY x.serial;
    FOR v_key IN UPDATE card_key k SET revoked_at = clock_timestamp(), revoked_why = 'issuer'
                   FROM issuer_revoked r
                  WHERE r.issuer_id = v_issuer.id AND k.issuer_id = v_issuer.id
                    AND k.serial = r.serial AND k.revoked_at IS NULL AND NOT r.hold
              RETURNING k.token_id, k.serial LOOP
        UPDATE person p SET version = p.version + 1
         WHERE p.id = (SELECT t.person_id FROM token t WHERE t.id = v_key.token_id);
        INSERT INTO audit (kind, login, person_id, outcome, reason, detail)
        SELECT 'admin', p.login, p.id, 'done', 'card_key_revoked', jsonb_build_object(
            'token', v_key.token_id, 'issuer', p_name, 'serial', encode(v_key.serial, 'hex'))
          FROM token t JOIN person p ON p.id = t.person_id WHERE t.id = v_key.token_id;
        v_n := v_n + 1;
    END LOOP;
    FOR v_key IN UPDATE card_key k
                    SET held_at = CASE WHEN k.held_at IS NULL THEN clock_timestamp() END
                  WHERE k.issuer_id = v_issuer.id AND k.revoked_at IS NULL
                    AND (k.held_at IS NOT NULL) <> EXISTS (SELECT FROM issuer_revoked r
                        WHERE r.issuer_id = v_issuer.id AND r.serial = k.serial AND r.hold)
              RETURNING k.token_id, k.serial, k.held_at LOOP
        UPDATE person p SET version = p.version + 1
         WHERE p.id = (SELECT t.person_id FROM token t WHERE t.id = v_key.token_id);
        INSERT INTO audit (kind, login, person_id, outcome, reason, detail)
        SELECT 'admin', p.login, p.id, 'done',
               CASE WHEN v_key.held_at IS NULL THEN 'card_key_released' ELSE 'card_key_held' END,
               jsonb_build_object('token', v_key.token_id, 'issuer', p_name,
                   'serial', encode(v_key.serial, 'hex'))
          FROM token t JOIN person p ON p.id = t.person_id WHERE t.id = v_key.token_id;
        v_held := v_held + (v_key.held_at IS NOT NULL)::int;
        v_released := v_released + (v_key.held_at IS NULL)::int;
    END LOOP;
    PERFORM audit_admin('issuer_crl', NULL, NULL, jsonb_build_object('issuer', p_name,
        'number', p_number, 'next', p_next, 'listed', cardinality(p_serials), 'revoked', v_n,
        'held', v_held, 'released', v_released));
    RETURN issuer_json(v_issuer) || jsonb_build_object('listed', cardinality(p_serials),
        'revoked', v_n, 'held', v_held, 'released', v_released);
END
$$;
REVOKE ALL ON FUNCTION sekisho.issuer_crl(text, bytea, bytea, bigint, timestamptz, timestamptz, bytea[], timestamptz[], boolean[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.issuer_crl(text, bytea, bytea, bigint, timestamptz, timestamptz, bytea[], timestamptz[], boolean[]) TO sekisho_operator, sekisho_refresh;
