-- SPDX-License-Identifier: GPL-2.0-or-later
-- Asks for a PUK or management key out of escrow, to be shown to a person.
-- p_args has the one-time public key that the answer will be sealed to. The
-- reason is recorded and shown to those who are to agree.
CREATE OR REPLACE FUNCTION sekisho.escrow_order(
    p_id uuid,
    p_kind text,
    p_card text,
    p_args bytea,
    p_key_version int,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_token uuid;
    v_card card;
    v_person person;
BEGIN
    IF p_kind NOT IN ('escrow_puk', 'escrow_management') THEN
        RAISE EXCEPTION 'not an order for a secret in escrow: %', p_kind;
    END IF;
    IF NOT pg_has_role(session_user, 'sekisho_enrolment', 'MEMBER') THEN
        PERFORM refuse('not_allowed', p_kind);
    END IF;
    IF length(btrim(p_why)) < 3 THEN
        PERFORM refuse('why_missing', p_card);
    END IF;
    v_token := card_id_of(p_card, '{new,prepared,active,suspended,lost,revoked,returned,expired}');
    SELECT c.* INTO v_card FROM card c WHERE c.token_id = v_token;
    SELECT p.* INTO v_person FROM person p JOIN token k ON k.person_id = p.id WHERE k.id = v_token;
    IF v_card.puk IS NULL OR v_card.management IS NULL THEN
        PERFORM refuse('card_no_escrow', p_card);
    END IF;
    IF (SELECT count(*) FROM order_ o WHERE o.token_id = v_token AND o.kind = p_kind
           AND o.status = 'waiting') >= 3 THEN
        PERFORM refuse('too_many_orders', p_card);
    END IF;
    PERFORM audit_admin(p_kind || '_asked', nullif(v_person.login, 'card stock'), v_person.id,
        jsonb_build_object('token', v_token, 'order', p_id, 'why', p_why));
    RETURN order_new(p_id, p_kind, v_person.id, v_token, p_args, p_key_version, p_why);
END
$$;
REVOKE ALL ON FUNCTION sekisho.escrow_order(uuid, text, text, bytea, int, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.escrow_order(uuid, text, text, bytea, int, text) TO sekisho_operator;
