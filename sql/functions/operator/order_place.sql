-- SPDX-License-Identifier: GPL-2.0-or-later
-- Asks the keyring for something about a code token, or the card CA for its own
-- certificate (ca_init, about nobody): arguments are sealed to the keyring.
-- Bounded per token, because confirming is a way to guess. Orders about cards
-- have rules of their own: card_order.
CREATE OR REPLACE FUNCTION sekisho.order_place(
    p_id uuid,
    p_kind text,
    p_login text,
    p_token uuid DEFAULT NULL,
    p_args bytea DEFAULT NULL,
    p_key_version int DEFAULT NULL)
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
        PERFORM FROM token k WHERE k.id = p_token AND k.person_id = v_id AND k.method = 'totp'
           AND k.status = CASE p_kind WHEN 'totp_confirm' THEN 'pending' ELSE 'active' END;
        IF NOT FOUND THEN
            PERFORM refuse('token_unknown', p_token::text);
        END IF;
        IF p_kind ~ '^(card|escrow)_' THEN
            RAISE EXCEPTION 'an order about a card is not placed here';
        END IF;
        IF (SELECT count(*) FROM order_ o WHERE o.token_id = p_token
               AND o.placed_at > clock_timestamp() - interval '15 minutes') >= 10 THEN
            PERFORM refuse('too_many_orders', p_login);
        END IF;
    END IF;
    RETURN order_new(p_id, p_kind, v_id, p_token, p_args, p_key_version);
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_place(uuid, text, text, uuid, bytea, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.order_place(uuid, text, text, uuid, bytea, int) TO sekisho_operator;
