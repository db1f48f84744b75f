-- SPDX-License-Identifier: GPL-2.0-or-later
-- Asks the keyring or the card CA for something: arguments are sealed to the
-- keyring. Bounded per token, because confirming is a way to guess.
CREATE OR REPLACE FUNCTION sekisho.order_place(
    p_id uuid,
    p_kind text,
    p_login text,
    p_token uuid,
    p_args bytea,
    p_key_version int)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    IF p_kind = 'ca_init' THEN
        IF EXISTS (SELECT FROM issuer i WHERE i.kind = 'own' AND i.status = 'active') THEN
            PERFORM refuse('ca_exists', '');
        END IF;
        p_token := NULL;
    ELSE
        v_id := person_id_of(p_login);
        PERFORM order_allowed(p_kind, v_id, p_token);
    END IF;
    -- A code may be guessed, a signature not; but a card with four keys asks for
    -- five things, and perhaps again.
    IF (SELECT count(*) FROM order_ o WHERE o.token_id = p_token
           AND o.placed_at > clock_timestamp() - interval '15 minutes')
        >= CASE WHEN p_kind IN ('card_certificate', 'card_prove') THEN 40 ELSE 10 END THEN
        PERFORM refuse('too_many_orders', p_login);
    END IF;
    INSERT INTO order_ (id, kind, person_id, token_id, args, key_version)
    VALUES (p_id, p_kind, v_id, p_token, p_args, p_key_version);
    NOTIFY sekisho_order;
    RETURN jsonb_build_object('id', p_id, 'status', 'new');
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_place(uuid, text, text, uuid, bytea, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.order_place(uuid, text, text, uuid, bytea, int) TO sekisho_operator;
