-- SPDX-License-Identifier: GPL-2.0-or-later
-- How a renewal stands, for the terminal that waits for it: no row if there is
-- no such order of that person. The answer carries nothing that another than
-- who made the one-time key could use.
CREATE OR REPLACE FUNCTION sekisho.card_renew_poll(
    p_order uuid, p_login text)
    RETURNS TABLE (status text, reason text, answer bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT o.status, o.reason, o.answer
      FROM order_ o JOIN person p ON p.id = o.person_id
     WHERE o.id = p_order AND o.kind = 'card_renew' AND p.login = p_login
$$;
REVOKE ALL ON FUNCTION sekisho.card_renew_poll(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_renew_poll(uuid, text) TO sekisho_authd;
