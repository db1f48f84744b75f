-- SPDX-License-Identifier: GPL-2.0-or-later
-- A line of the supplier's or the old system's list: this device has this
-- number printed on it, and is meant for this person or the stock. Nothing
-- counts before it is issued or prepared. Answers with what was done: added,
-- same. p_dry: only say so.
CREATE OR REPLACE FUNCTION sekisho.card_announce(
    p_number text,
    p_device text,
    p_login text DEFAULT '',
    p_dry boolean DEFAULT false)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
    v_token uuid := gen_random_uuid();
    r record;
BEGIN
    v_person := card_holder(p_login);
    IF p_number = '' OR p_device = '' THEN
        PERFORM refuse('card_line_incomplete', p_number || p_device);
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('sekisho card ' || p_device));
    -- two desks, one number
    PERFORM pg_advisory_xact_lock(hashtext('sekisho card number ' || p_number)) WHERE p_number <> '';
    FOR r IN SELECT c.number, c.device, c.state, k.person_id FROM card c JOIN token k ON k.id = c.token_id
              WHERE (c.number = p_number OR c.device = p_device)
                AND c.state NOT IN ('revoked', 'returned', 'expired') LOOP
        IF (r.number, r.device, r.state, r.person_id) = (p_number, p_device, 'new', v_person) THEN
            RETURN jsonb_build_object('done', 'same', 'number', p_number);
        ELSIF r.number = p_number THEN
            PERFORM refuse('card_number_taken', p_number);
        ELSE
            PERFORM refuse('card_taken', r.number);
        END IF;
    END LOOP;
    IF NOT p_dry THEN
        INSERT INTO token (id, person_id, method) VALUES (v_token, v_person, 'card');
        INSERT INTO card (token_id, number, device, origin)
        VALUES (v_token, p_number, p_device, 'issued');
        PERFORM audit_admin('card_announce', nullif(p_login, ''), v_person, jsonb_build_object(
            'token', v_token, 'number', p_number, 'device', p_device));
    END IF;
    RETURN jsonb_build_object('done', 'added', 'number', p_number);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_announce(text, text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_announce(text, text, text, boolean) TO sekisho_operator;
