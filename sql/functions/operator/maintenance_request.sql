-- SPDX-License-Identifier: GPL-2.0-or-later
-- Asks for a window in which a maintenance account may work (guideline 6.8 C.2).
-- Whoever has work of before that nobody closed gets none.
CREATE OR REPLACE FUNCTION sekisho.maintenance_request(
    p_login text,
    p_ticket text,
    p_plan text,
    p_clients text[],
    p_from timestamptz,
    p_until timestamptz,
    p_acting_as text DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid := person_id_of(p_login);
    v_from timestamptz := coalesce(p_from, clock_timestamp());
    v_name text;
    v_client uuid;
    v_clients uuid[] := '{}';
    v_fault text;
    v_new bigint;
BEGIN
    PERFORM FROM person p WHERE p.id = v_id FOR UPDATE;
    IF NOT EXISTS (SELECT FROM person p WHERE p.id = v_id AND p.kind = 'maintenance' AND p.status = 'active') THEN
        PERFORM refuse('maintenance_kind', p_login);
    END IF;
    IF p_until IS NULL OR p_until <= greatest(v_from, clock_timestamp())
        OR p_until - v_from > make_interval(hours => (SELECT s.value::int FROM setting s
            WHERE s.name = 'maintenance.max_hours')) THEN
        PERFORM refuse('maintenance_window', p_login);
    END IF;
    IF EXISTS (SELECT FROM maintenance m WHERE m.person_id = v_id AND m.status = 'approved'
         AND m.valid_until <= clock_timestamp()) THEN
        PERFORM refuse('maintenance_unclosed', p_login);
    END IF;
    v_fault := person_fit(v_id, p_until);
    IF v_fault <> '' THEN
        PERFORM refuse(v_fault, p_login);
    END IF;
    FOREACH v_name IN ARRAY p_clients LOOP
        SELECT c.id INTO v_client FROM client c WHERE c.name = v_name AND c.status = 'active';
        IF v_client IS NULL THEN
            PERFORM refuse('client_unknown', v_name);
        END IF;
        v_clients := v_clients || v_client;
    END LOOP;
    INSERT INTO maintenance (person_id, ticket, plan, clients, valid_from, valid_until, acting_as)
    VALUES (v_id, p_ticket, p_plan, v_clients, v_from, p_until,
        CASE WHEN p_acting_as IS NOT NULL THEN person_id_of(p_acting_as) END)
    RETURNING id INTO v_new;
    PERFORM audit_admin('maintenance_requested', p_login, v_id, maintenance_json(v_new));
    RETURN maintenance_json(v_new);
END
$$;
REVOKE ALL ON FUNCTION sekisho.maintenance_request(text, text, text, text[], timestamptz, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.maintenance_request(text, text, text, text[], timestamptz, timestamptz, text)
    TO sekisho_operator;
