-- SPDX-License-Identifier: GPL-2.0-or-later
-- A device is never in a network that people's accepts lead to (guideline C.16):
-- asked after each change, one change at a time.
CREATE OR REPLACE FUNCTION sekisho.grants_apart()
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_both text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('sekisho grants'));
    SELECT g ->> 'value' INTO v_both
      FROM policy p CROSS JOIN jsonb_array_elements(p.grants) g
     WHERE g ->> 'attribute' = 'vlan'
       AND (EXISTS (SELECT FROM station t WHERE t.status = 'active' AND t.kind = 'device'
                     AND t.grants @> jsonb_build_array(jsonb_build_object('attribute', 'vlan', 'value', g ->> 'value')))
         OR EXISTS (SELECT FROM policy q WHERE q.device_grants @> jsonb_build_array(
                        jsonb_build_object('attribute', 'vlan', 'value', g ->> 'value'))))
     LIMIT 1;
    IF v_both IS NOT NULL THEN
        PERFORM refuse('vlan_of_people', v_both);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.grants_apart() FROM PUBLIC;
