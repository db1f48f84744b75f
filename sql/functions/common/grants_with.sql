-- SPDX-License-Identifier: GPL-2.0-or-later
-- A list of grants with others of an attribute in it: in the place of those it
-- had, or beside them. Refuses what cannot be sent, and attributes by which a
-- login could be told something else than was decided.
CREATE OR REPLACE FUNCTION sekisho.grants_with(
    p_grants jsonb, p_attribute text, p_new jsonb, p_beside boolean)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_all jsonb;
    g jsonb;
BEGIN
    FOR g IN SELECT x FROM jsonb_array_elements(p_new) x LOOP
        IF g ->> 'attribute' IS DISTINCT FROM p_attribute
            OR coalesce(g ->> 'octets', '') !~ '^([0-9a-f]{2}){1,253}$'
            OR (g ->> 'number')::bigint NOT BETWEEN 1 AND 255
            OR (g ->> 'vendor')::bigint NOT BETWEEN 0 AND 16777215
            OR length(g ->> 'value') > 253 THEN
            RAISE EXCEPTION 'what is granted does not fit together';
        ELSIF (g ->> 'vendor')::int IN (311, 32473) OR (g ->> 'vendor')::int = 0
            AND (g ->> 'number')::int NOT IN (6, 7, 8, 9, 10, 11, 12, 13, 22, 29, 64, 65, 81, 85, 88,
                96, 97, 98, 99, 100, 168) THEN
            PERFORM refuse('grant_not_allowed', p_attribute);
        END IF;
    END LOOP;
    SELECT coalesce(jsonb_agg(x ORDER BY n), '[]') INTO v_all
      FROM jsonb_array_elements(p_grants) WITH ORDINALITY e(x, n)
     WHERE x ->> 'attribute' <> p_attribute OR p_beside;
    v_all := v_all || p_new;
    IF jsonb_array_length(v_all) > 16 THEN
        PERFORM refuse('grants_too_many', p_attribute);
    END IF;
    RETURN v_all;
END
$$;
REVOKE ALL ON FUNCTION sekisho.grants_with(jsonb, text, jsonb, boolean) FROM PUBLIC;
