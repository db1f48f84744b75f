-- SPDX-License-Identifier: GPL-2.0-or-later
-- Why a session of which we hear only now should have been ended already; NULL
-- if it should not.
CREATE OR REPLACE FUNCTION sekisho.session_overdue(
    p_session sekisho.session)
    RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN CASE
        WHEN (SELECT t.status = 'retired' OR t.valid_until <= clock_timestamp() FROM station t
               WHERE t.id = p_session.station_id) THEN 'station_ended'
        WHEN p_session.person_id IS NULL THEN NULL
        WHEN (SELECT p.status <> 'active' FROM person p WHERE p.id = p_session.person_id)
            THEN (SELECT 'person_' || p.status FROM person p WHERE p.id = p_session.person_id)
        WHEN EXISTS (SELECT FROM person p WHERE p.id = p_session.person_id AND p.kind = 'maintenance'
            AND maintenance_open(p.id, p_session.client_id, clock_timestamp()) IS NULL) THEN 'maintenance_over'
        WHEN EXISTS (SELECT FROM token k JOIN card c ON c.token_id = k.id
            WHERE k.person_id = p_session.person_id AND c.lost_at > p_session.accept_at) THEN 'card_lost'
        WHEN EXISTS (SELECT FROM card c WHERE c.token_id = ANY (p_session.tokens)
            AND c.state IN ('revoked', 'returned') AND c.changed_at > p_session.accept_at) THEN 'card_ended'
        ELSE session_moved(p_session.person_id, p_session.door_event) END;
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_overdue(sekisho.session) FROM PUBLIC;
