-- SPDX-License-Identifier: GPL-2.0-or-later
-- What an officer wrote of a list of grants: one entry each, without what is sent.
CREATE OR REPLACE FUNCTION sekisho.grants_shown(
    p_grants jsonb)
    RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('attribute', x.attribute, 'value', x.value)
            ORDER BY x.first), '[]')
      FROM (SELECT g ->> 'attribute' AS attribute, g ->> 'value' AS value, min(n) AS first
              FROM jsonb_array_elements(p_grants) WITH ORDINALITY e(g, n)
             GROUP BY 1, 2) x);
END
$$;
REVOKE ALL ON FUNCTION sekisho.grants_shown(jsonb) FROM PUBLIC;
