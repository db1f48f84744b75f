-- SPDX-License-Identifier: GPL-2.0-or-later
-- The first step of a card's life, before the card itself is touched: its PUK
-- and management key, sealed, are durable here when the card gets them. Without
-- a login it is for the stock. A card that the supplier's list announced
-- (card_announce) keeps its row.
CREATE OR REPLACE FUNCTION sekisho.card_begin(
    p_token uuid,
    p_device text,
    p_guid bytea,
    p_puk bytea,
    p_management bytea,
    p_key_version int,
    p_login text DEFAULT '',
    p_number text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
    v_other text;
    v_had card;
BEGIN
    v_person := card_holder(p_login);
    PERFORM pg_advisory_xact_lock(hashtext('sekisho card ' || p_device || encode(p_guid, 'hex')));
    SELECT coalesce(nullif(c.number, ''), p.login) INTO v_other
      FROM card c JOIN token k ON k.id = c.token_id JOIN person p ON p.id = k.person_id
     WHERE (c.device = p_device AND p_device <> '' OR c.guid = p_guid)
       AND c.token_id <> p_token AND c.state NOT IN ('revoked', 'returned', 'expired');
    IF FOUND THEN
        PERFORM refuse('card_taken', v_other);
    END IF;
    -- two desks, one number
    PERFORM pg_advisory_xact_lock(hashtext('sekisho card number ' || p_number)) WHERE p_number <> '';
    SELECT p.login INTO v_other
      FROM card c JOIN token k ON k.id = c.token_id JOIN person p ON p.id = k.person_id
     WHERE c.number = p_number AND p_number <> '' AND c.token_id <> p_token
       AND c.state NOT IN ('revoked', 'returned');
    IF FOUND THEN
        PERFORM refuse('card_number_taken', p_number);
    END IF;

    SELECT c.* INTO v_had FROM card c WHERE c.token_id = p_token FOR UPDATE;
    IF v_had.token_id IS NULL THEN
        INSERT INTO token (id, person_id, method) VALUES (p_token, v_person, 'card');
        INSERT INTO card (token_id, number, device, origin, guid, puk, puk_version,
            management, management_version)
        VALUES (p_token, p_number, p_device, 'issued', p_guid, p_puk, p_key_version,
            p_management, p_key_version);
    ELSIF v_had.state <> 'new' OR v_had.puk IS NOT NULL THEN
        PERFORM refuse('card_begun', coalesce(nullif(v_had.number, ''), p_login));
    ELSE
        -- announced for somebody else, or for nobody yet
        UPDATE token k SET person_id = v_person
          FROM person p WHERE k.id = p_token AND p.id = k.person_id
           AND (k.person_id = v_person OR p.login = 'card stock');
        IF NOT FOUND THEN
            PERFORM refuse('card_announced_for_another', p_device);
        END IF;
        UPDATE card c SET number = coalesce(nullif(p_number, ''), c.number), guid = p_guid,
               puk = p_puk, puk_version = p_key_version, management = p_management,
               management_version = p_key_version,
               changed_at = clock_timestamp(), changed_by = session_user
         WHERE c.token_id = p_token;
    END IF;
    PERFORM audit_admin('card_begin', nullif(p_login, ''), v_person, jsonb_build_object(
        'token', p_token, 'number', p_number, 'device', p_device));
    RETURN card_json(p_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_begin(uuid, text, bytea, bytea, bytea, int, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_begin(uuid, text, bytea, bytea, bytea, int, text, text) TO sekisho_operator;
