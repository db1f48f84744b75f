-- SPDX-License-Identifier: GPL-2.0-or-later
-- A card has signed with each of its keys: they count from now on, and a new
-- card is its person's. '' or why not. p_challenge is what was signed,
-- p_attested the slots of whose keys a maker that we trust says that they want
-- the PIN.
CREATE OR REPLACE FUNCTION sekisho.card_prove_finish(
    p_order uuid,
    p_challenge bytea,
    p_keys bytea[],
    p_attested text[] DEFAULT '{}')
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_order order_;
    v_token token;
    v_card card;
    v_why text := '';
BEGIN
    SELECT o.* INTO v_order FROM order_ o WHERE o.id = p_order AND o.status = 'new'
       AND o.kind = 'card_prove' FOR UPDATE;
    IF v_order.id IS NULL THEN
        RETURN 'order_ended';
    END IF;
    -- first, as an attempt does: the two would wait for each other
    PERFORM FROM throttle_head h WHERE h.subject = v_order.person_id FOR UPDATE;
    SELECT k.* INTO v_token FROM token k WHERE k.id = v_order.token_id FOR UPDATE;
    SELECT c.* INTO v_card FROM card c WHERE c.token_id = v_order.token_id FOR UPDATE;
    IF v_token.status NOT IN ('pending', 'active')
        OR v_card.state NOT IN ('new', 'prepared', 'active') THEN
        v_why := 'card_unusable';
    ELSIF v_card.challenge IS DISTINCT FROM p_challenge
        OR v_card.challenge_until <= clock_timestamp() THEN
        v_why := 'challenge_ended';
    ELSIF NOT EXISTS (SELECT FROM card_key k WHERE k.token_id = v_token.id
                         AND k.revoked_at IS NULL)
        OR EXISTS (SELECT FROM card_key k WHERE k.token_id = v_token.id
                      AND k.revoked_at IS NULL AND k.key_id <> ALL (p_keys)) THEN
        v_why := 'keys_missing';
    ELSIF v_card.origin = 'issued' AND '9a' <> ALL (p_attested)
        AND (SELECT s.value FROM setting s WHERE s.name = 'card.attestation') = '1' THEN
        v_why := 'attestation_missing';
    END IF;
    IF v_why = '' THEN
        UPDATE card_key k SET proven_at = clock_timestamp(),
               valid_until = coalesce(k.renew_until, k.valid_until), renew_until = NULL,
               pin_known_by = CASE WHEN k.slot = ANY (p_attested) AND k.pin = 'enforced'
                   THEN 'attestation' ELSE k.pin_known_by END
         WHERE k.token_id = v_token.id AND k.revoked_at IS NULL;
        UPDATE card c SET challenge = NULL, challenge_until = NULL,
               state = CASE c.state WHEN 'new' THEN 'active' ELSE c.state END,
               changed_at = clock_timestamp(), changed_by = v_order.placed_by
         WHERE c.token_id = v_token.id;
        IF v_card.state = 'new' THEN
            UPDATE token k SET status = 'active' WHERE k.id = v_token.id;
        END IF;
        UPDATE person p SET version = p.version + 1 WHERE p.id = v_order.person_id;
    END IF;
    UPDATE order_ o SET status = CASE v_why WHEN '' THEN 'done' ELSE 'refused' END,
           reason = v_why, done_at = clock_timestamp(), args = ''
     WHERE o.id = p_order;
    PERFORM audit_order(p_order, jsonb_build_object('keys',
        (SELECT coalesce(jsonb_agg(encode(x, 'hex')), '[]') FROM unnest(p_keys) x),
        'attested', to_jsonb(p_attested)));
    RETURN v_why;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_prove_finish(uuid, bytea, bytea[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_prove_finish(uuid, bytea, bytea[], text[]) TO sekisho_clerk;
