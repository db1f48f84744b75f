-- SPDX-License-Identifier: GPL-2.0-or-later
-- All keys of a card have signed for their renewal: each goes on under a new
-- certificate, and counts without a moment's pause. The old certificates are
-- revoked. Answers the order; '' or why not. Arrays go together by position.
CREATE OR REPLACE FUNCTION sekisho.card_renew_finish(
    p_order uuid, p_client uuid, p_challenge bytea, p_issuer uuid,
    p_keys bytea[], p_certificates bytea[], p_serials bytea[],
    p_from bigint[], p_until bigint[], p_answer bytea)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_order order_;
    v_token token;
    v_card card;
    v_why text := '';
    v_old card_key;
    i int;
BEGIN
    SELECT o.* INTO v_order FROM order_ o WHERE o.id = p_order AND o.status = 'new'
       AND o.kind = 'card_renew' FOR UPDATE;
    IF v_order.id IS NULL THEN
        RETURN 'order_ended';
    END IF;
    -- first, as an attempt does: the two would wait for each other
    PERFORM FROM throttle_head h WHERE h.subject = v_order.person_id FOR UPDATE;
    SELECT k.* INTO v_token FROM token k WHERE k.id = v_order.token_id FOR UPDATE;
    SELECT c.* INTO v_card FROM card c WHERE c.token_id = v_order.token_id FOR UPDATE;
    IF v_token.status <> 'active' OR v_card.state <> 'active' OR v_card.lost_at IS NOT NULL THEN
        v_why := 'card_unusable';
    ELSIF v_card.challenge IS DISTINCT FROM p_challenge
        OR v_card.challenge_until <= clock_timestamp() THEN
        v_why := 'challenge_ended';
    ELSIF NOT EXISTS (SELECT FROM issuer s WHERE s.id = p_issuer AND s.kind = 'own'
                         AND s.status = 'active') THEN
        v_why := 'ca_changed';
    ELSIF (SELECT coalesce(array_agg(k.key_id ORDER BY k.key_id), '{}') FROM card_key k
            WHERE k.token_id = v_token.id AND k.revoked_at IS NULL AND k.proven_at IS NOT NULL)
          <> (SELECT array_agg(x ORDER BY x) FROM unnest(p_keys) x)
        OR EXISTS (SELECT FROM card_key k JOIN issuer s ON s.id = k.issuer_id
                    WHERE k.token_id = v_token.id AND k.revoked_at IS NULL
                      AND (k.proven_at IS NULL OR s.kind <> 'own')) THEN
        v_why := 'keys_missing';
    END IF;
    IF v_why = '' THEN
        FOR i IN 1 .. cardinality(p_keys) LOOP
            UPDATE card_key k SET revoked_at = clock_timestamp(), revoked_why = 'superseded'
             WHERE k.key_id = p_keys[i] AND k.revoked_at IS NULL RETURNING k.* INTO v_old;
            INSERT INTO card_key (token_id, slot, key_id, spki, pin, pin_known_by, certificate,
                issuer_id, serial, valid_from, valid_until, proven_at)
            VALUES (v_old.token_id, v_old.slot, v_old.key_id, v_old.spki, v_old.pin,
                v_old.pin_known_by, p_certificates[i], p_issuer, p_serials[i],
                to_timestamp(p_from[i]), to_timestamp(p_until[i]), clock_timestamp());
        END LOOP;
        UPDATE card c SET challenge = NULL, challenge_until = NULL, renewed_at = clock_timestamp(),
               changed_at = clock_timestamp(), changed_by = v_order.placed_by
         WHERE c.token_id = v_token.id;
        UPDATE person p SET version = p.version + 1 WHERE p.id = v_order.person_id;
    END IF;
    UPDATE order_ o SET status = CASE v_why WHEN '' THEN 'done' ELSE 'refused' END,
           reason = v_why, done_at = clock_timestamp(), args = '',
           answer = CASE v_why WHEN '' THEN p_answer END
     WHERE o.id = p_order;
    PERFORM audit_order(p_order, jsonb_build_object(
        'client', (SELECT c.name FROM client c WHERE c.id = p_client), 'serials',
        (SELECT coalesce(jsonb_agg(encode(x, 'hex')), '[]') FROM unnest(p_serials) x)));
    RETURN v_why;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_renew_finish(uuid, uuid, bytea, uuid, bytea[], bytea[], bytea[], bigint[], bigint[], bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_renew_finish(uuid, uuid, bytea, uuid, bytea[], bytea[], bytea[], bigint[], bigint[], bytea) TO sekisho_clerk;
