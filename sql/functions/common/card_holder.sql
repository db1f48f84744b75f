-- SPDX-License-Identifier: GPL-2.0-or-later
-- Who is to get a card: the person of a login who is here or will be, or the
-- stock for an empty one.
CREATE OR REPLACE FUNCTION sekisho.card_holder(
    p_login text)
    RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
    v_fault text;
BEGIN
    v_person := person_id_of(coalesce(nullif(p_login, ''), 'card stock'));
    IF p_login <> '' AND NOT EXISTS (SELECT FROM person p JOIN affiliation a ON a.person_id = p.id
            WHERE p.id = v_person AND p.status = 'active'
              AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp())) THEN
        PERFORM refuse('person_unusable', p_login);
    END IF;
    -- where the house wants it: no card before the pledge and the training (6.6 C.1)
    IF p_login <> '' AND (SELECT s.value FROM setting s WHERE s.name = 'person.pledge_needed') = '1' THEN
        v_fault := person_fit(v_person, clock_timestamp());
        IF v_fault <> '' THEN
            PERFORM refuse(v_fault, p_login);
        END IF;
    END IF;
    RETURN v_person;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_holder(text) FROM PUBLIC;
