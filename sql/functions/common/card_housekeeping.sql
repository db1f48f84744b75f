-- SPDX-License-Identifier: GPL-2.0-or-later
-- What ends by itself: lost cards after card.lost_days, temporary ones at their
-- end. Called by housekeeping(); idempotent.
CREATE OR REPLACE FUNCTION sekisho.card_housekeeping()
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_days int := (SELECT s.value::int FROM setting s WHERE s.name = 'card.lost_days');
    r record;
BEGIN
    FOR r IN SELECT k.id, p.login, p.id AS person, c.lost_at IS NOT NULL AS lost
               FROM card c JOIN token k ON k.id = c.token_id JOIN person p ON p.id = k.person_id
              WHERE k.status <> 'revoked'
                AND (c.lost_at < clock_timestamp() - make_interval(days => v_days)
                     OR c.temporary_until < clock_timestamp())
              FOR UPDATE OF k SKIP LOCKED LOOP
        PERFORM card_change(r.id, 'revoked', 'revoked',
            CASE WHEN r.lost THEN 'lost and not found' ELSE 'returned: its time is over' END);
        INSERT INTO audit (kind, login, person_id, outcome, reason, detail)
        VALUES ('system', nullif(r.login, 'card stock'), r.person, 'done',
            CASE WHEN r.lost THEN 'card_lost_for_good' ELSE 'card_temporary_ended' END,
            jsonb_build_object('token', r.id));
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_housekeeping() FROM PUBLIC;
