-- SPDX-License-Identifier: GPL-2.0-or-later
-- A terminal asks whether the card that somebody has just logged in with is to
-- be renewed: then its keys are to sign the challenge that goes with state
-- (docs/protocol.md). State is made here, because a worker that could choose it
-- would have what a card signed once count again, with no card and no PIN.
-- No row: no such client. answered is false where the request must stay
-- unanswered. fault: why not.
CREATE OR REPLACE FUNCTION sekisho.card_renew_begin(
    p_client uuid, p_version bigint, p_login text, p_key bytea)
    RETURNS TABLE (answered boolean, client_name text, fault text, state text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_may record;
    v_state text;
BEGIN
    SELECT c.version = p_version, c.name INTO answered, client_name
      FROM client c WHERE c.id = p_client AND c.status = 'active';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT m.* INTO v_may FROM card_renewable(p_client, p_login, p_key) m;
    fault := v_may.fault;
    IF answered AND fault IS NULL THEN
        v_state := translate(encode(substring(sha256(uuid_send(gen_random_uuid())
            || uuid_send(gen_random_uuid())) FOR 24), 'base64'), '+/', '-_');
        UPDATE card c
           SET challenge = sha256('\x53454b4953484f2d6368616c6c656e676500'     -- SEKISHO-challenge, NUL
                   || convert_to(v_state, 'UTF8')),
               challenge_until = clock_timestamp() + interval '2 minutes'
         WHERE c.token_id = v_may.token;
        state := v_state;
    END IF;
    RETURN NEXT;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_renew_begin(uuid, bigint, text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_renew_begin(uuid, bigint, text, bytea) TO sekisho_authd;
