-- SPDX-License-Identifier: GPL-2.0-or-later
-- Hands the proof of a card's holder to the clerk, as an order. Nothing is
-- believed here: the clerk verifies the signatures, and what they release is
-- sealed to a key that they name. Answers as card_renew_begin.
CREATE OR REPLACE FUNCTION sekisho.card_renew_place(
    p_client uuid, p_version bigint, p_login text, p_key bytea, p_challenge bytea,
    p_order uuid, p_args bytea, p_key_version int)
    RETURNS TABLE (answered boolean, client_name text, fault text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_may record;
BEGIN
    SELECT c.version = p_version, c.name INTO answered, client_name
      FROM client c WHERE c.id = p_client AND c.status = 'active';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT m.* INTO v_may FROM card_renewable(p_client, p_login, p_key) m;
    fault := v_may.fault;
    IF answered AND fault IS NULL THEN
        PERFORM FROM token k WHERE k.id = v_may.token FOR UPDATE;
        IF NOT EXISTS (SELECT FROM card c WHERE c.token_id = v_may.token AND c.challenge = p_challenge
                          AND c.challenge_until > clock_timestamp()) THEN
            fault := 'challenge_ended';
        ELSIF (SELECT count(*) FROM order_ o WHERE o.token_id = v_may.token AND o.kind = 'card_renew'
                  AND o.placed_at > clock_timestamp() - interval '15 minutes') >= 5 THEN
            fault := 'too_many_orders';
        ELSE
            PERFORM order_new(p_order, 'card_renew', v_may.person, v_may.token, p_args,
                p_key_version);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_renew_place(uuid, bigint, text, bytea, bytea, uuid, bytea, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_renew_place(uuid, bigint, text, bytea, bytea, uuid, bytea, int) TO sekisho_authd;
