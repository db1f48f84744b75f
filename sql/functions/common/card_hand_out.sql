-- SPDX-License-Identifier: GPL-2.0-or-later
-- A prepared card becomes a person's, whose identity was checked; it counts
-- when it has its certificates and is proven.
CREATE OR REPLACE FUNCTION sekisho.card_hand_out(
    p_token uuid,
    p_login text,
    p_proof text,
    p_until timestamptz)
    RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
BEGIN
    IF length(btrim(p_proof)) < 3 THEN
        PERFORM refuse('identity_proof_missing', p_login);
    END IF;
    IF p_login = '' THEN
        PERFORM refuse('person_unknown', p_login);
    END IF;
    v_person := card_holder(p_login);
    PERFORM FROM token k JOIN person p ON p.id = k.person_id JOIN card c ON c.token_id = k.id
      WHERE k.id = p_token AND k.status = 'pending' AND c.lost_at IS NULL
        AND (c.state = 'prepared' AND p.login = 'card stock'
             -- an interrupted hand-out; a card being issued is not lent
             OR c.state = 'new' AND p.id = v_person
                AND (p_until IS NULL OR c.temporary_until IS NOT NULL)) FOR UPDATE OF k;
    IF NOT FOUND THEN
        PERFORM refuse('card_not_prepared', p_token::text);
    END IF;
    UPDATE token k SET person_id = v_person WHERE k.id = p_token;
    UPDATE card c SET state = 'new', temporary_until = p_until,
           changed_at = clock_timestamp(), changed_by = session_user
     WHERE c.token_id = p_token;
    RETURN v_person;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_hand_out(uuid, text, text, timestamptz) FROM PUBLIC;
