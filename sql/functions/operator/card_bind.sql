-- SPDX-License-Identifier: GPL-2.0-or-later
-- A card that somebody else issued becomes a person's here: by the public half
-- of one key, never by a name in its certificate. Inert until it has signed
-- (order card_prove). Without an issuer that shows us its revocations (JPKI) it
-- is a bare key, which only we can revoke: somebody accepts that by name, and
-- it counts for a year. Bound again to the same person, it is renewed as soon
-- as it has signed again. p_pin: enforced only where it was seen.
CREATE OR REPLACE FUNCTION sekisho.card_bind(
    p_token uuid,
    p_login text,
    p_slot text,
    p_key_id bytea,
    p_spki bytea,
    p_certificate bytea,
    p_serial bytea,
    p_from timestamptz,
    p_until timestamptz,
    p_issuer text,
    p_pin text,
    p_pin_known_by text,
    p_device text DEFAULT '',
    p_number text DEFAULT '',
    p_acceptance text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
    v_issuer uuid;
    v_bare boolean := true;
    v_end timestamptz := p_until;
    v_bound record;
BEGIN
    v_person := card_holder(p_login);
    IF p_login = '' OR sha256(p_spki) <> p_key_id OR p_pin = 'none' THEN
        RAISE EXCEPTION 'what is bound does not fit together';
    END IF;
    -- what an interrupted run left
    UPDATE card_key y SET revoked_at = clock_timestamp(), revoked_why = 'superseded'
      FROM token k JOIN card c ON c.token_id = k.id
     WHERE k.id = y.token_id AND y.key_id = p_key_id AND y.proven_at IS NULL
       AND y.revoked_at IS NULL AND k.person_id = v_person AND c.state = 'new' AND c.origin = 'bound';
    UPDATE token k SET status = 'revoked' FROM card c
     WHERE c.token_id = k.id AND k.person_id = v_person AND k.status = 'pending'
       AND c.origin = 'bound' AND c.state = 'new';
    UPDATE card c SET state = 'revoked', why = 'interrupted' FROM token k
     WHERE c.token_id = k.id AND k.person_id = v_person AND k.status = 'revoked'
       AND c.origin = 'bound' AND c.state = 'new';
    IF p_issuer <> '' THEN
        SELECT i.id, i.kind = 'bare' INTO v_issuer, v_bare
          FROM issuer i WHERE i.name = p_issuer AND i.status = 'active';
        IF v_issuer IS NULL THEN
            PERFORM refuse('issuer_unknown', p_issuer);
        END IF;
    END IF;
    IF v_bare THEN
        IF p_acceptance = '' THEN
            PERFORM refuse('acceptance_needed', p_login);
        END IF;
        v_end := least(p_until, clock_timestamp() + interval '1 year');
    END IF;
    SELECT p.login, k.id, k.status, k.person_id, y.id AS key INTO v_bound
      FROM card_key y JOIN token k ON k.id = y.token_id
      JOIN person p ON p.id = k.person_id WHERE y.key_id = p_key_id AND y.revoked_at IS NULL;
    IF FOUND AND v_bound.person_id = v_person AND v_bound.status = 'active' THEN
        UPDATE card_key y SET renew_until = v_end WHERE y.id = v_bound.key;
        UPDATE card c SET acceptance = p_acceptance WHERE c.token_id = v_bound.id;
        PERFORM audit_admin('card_bind', p_login, v_person, jsonb_build_object('token', v_bound.id,
            'renewed', true, 'until', v_end, 'acceptance', p_acceptance));
        RETURN card_json(v_bound.id);
    ELSIF v_bound.login IS NOT NULL THEN
        PERFORM refuse('card_key_taken', v_bound.login);
    END IF;
    -- two desks, one number
    PERFORM pg_advisory_xact_lock(hashtext('sekisho card number ' || p_number)) WHERE p_number <> '';
    IF EXISTS (SELECT FROM card c WHERE c.number = p_number AND p_number <> ''
                AND c.state NOT IN ('revoked', 'returned')) THEN
        PERFORM refuse('card_number_taken', p_number);
    END IF;
    INSERT INTO token (id, person_id, method) VALUES (p_token, v_person, 'card');
    INSERT INTO card (token_id, number, device, origin, acceptance)
    VALUES (p_token, p_number, p_device, 'bound', p_acceptance);
    INSERT INTO card_key (token_id, slot, key_id, spki, pin, pin_known_by, certificate, issuer_id,
        serial, valid_from, valid_until)
    VALUES (p_token, p_slot, p_key_id, p_spki, p_pin, p_pin_known_by, p_certificate, v_issuer,
        p_serial, p_from, v_end);
    PERFORM audit_admin('card_bind', p_login, v_person, jsonb_build_object('token', p_token,
        'key_id', encode(p_key_id, 'hex'), 'issuer', p_issuer, 'pin', p_pin,
        'pin_known_by', p_pin_known_by, 'acceptance', p_acceptance));
    RETURN card_json(p_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_bind(uuid, text, text, bytea, bytea, bytea, bytea, timestamptz, timestamptz, text, text, text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_bind(uuid, text, text, bytea, bytea, bytea, bytea, timestamptz, timestamptz, text, text, text, text, text, text) TO sekisho_operator;
