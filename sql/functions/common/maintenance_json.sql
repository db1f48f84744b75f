-- SPDX-License-Identifier: GPL-2.0-or-later
-- One piece of maintenance work as card-admin shows it.
CREATE OR REPLACE FUNCTION sekisho.maintenance_json(
    p_id bigint)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', m.id, 'login', p.login, 'name', p.name, 'ticket', m.ticket,
            'plan', m.plan, 'from', m.valid_from, 'until', m.valid_until,
            'clients', (SELECT coalesce(jsonb_agg(c.name ORDER BY c.name), '[]') FROM client c WHERE c.id = ANY (m.clients)),
            'acting_as', (SELECT a.login FROM person a WHERE a.id = m.acting_as),
            'status', CASE WHEN m.status = 'approved' AND m.valid_until <= clock_timestamp() THEN 'to_be_closed'
                           WHEN m.status = 'approved' AND m.valid_from <= clock_timestamp() THEN 'open'
                           ELSE m.status END,
            'requested_by', m.requested_by, 'requested_at', m.requested_at, 'decided_by', m.decided_by,
            'decided_at', m.decided_at, 'personal_data', m.personal_data, 'whose', m.whose, 'work', m.work,
            'closed_by', m.closed_by, 'closed_at', m.closed_at,
            -- what the account did meanwhile, so that who closes it need not guess
            'logins', (SELECT count(*) FROM audit a WHERE a.person_id = m.person_id AND a.kind = 'login'
                AND a.outcome = 'accept' AND a.at BETWEEN m.valid_from AND m.valid_until))
       FROM maintenance m JOIN person p ON p.id = m.person_id WHERE m.id = p_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.maintenance_json(bigint) FROM PUBLIC;
