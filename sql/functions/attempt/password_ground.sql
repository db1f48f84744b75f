-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a person's own new password is judged by, for the worker that sees it in
-- clear: one row for each password that he had before, newest first, or one row
-- without any. They are sealed like the one of today.
CREATE OR REPLACE FUNCTION sekisho.password_ground(
    p_person uuid)
    RETURNS TABLE (login text, names text, birth text, staff_number text, min_chars int, door_chars int,
        guess_bits int, cost_opslimit int, cost_memlimit_kib int,
        salt bytea, opslimit int, memlimit_kib int, sealed bytea, key_version int)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_history int := (SELECT u.history FROM person p JOIN password_rule u ON u.name = p.password_rule
                       WHERE p.id = p_person);
BEGIN
    RETURN QUERY
    SELECT p.login, to_jsonb(p.name_forms)::text, p.birth::text, p.staff_number, u.min_chars, s.door_chars, s.guess_bits,
           s.opslimit, s.memlimit_kib, v.salt, v.opslimit, v.memlimit_kib, v.sealed, v.key_version
      FROM person p JOIN password_rule u ON u.name = p.password_rule
           CROSS JOIN (SELECT max(x.value::int) FILTER (WHERE x.name = 'password.door_chars') AS door_chars,
                  max(x.value::int) FILTER (WHERE x.name = 'password.guess_bits') AS guess_bits,
                  max(x.value::int) FILTER (WHERE x.name = 'password.opslimit') AS opslimit,
                  max(x.value::int) FILTER (WHERE x.name = 'password.memlimit_kib') AS memlimit_kib
                 FROM setting x WHERE x.name LIKE 'password.%') s
           LEFT JOIN LATERAL (SELECT h.* FROM (
                -- hashed anew it is the same password: of its day the last
                SELECT DISTINCT ON (r.set_at) r.* FROM verifier r
                 WHERE r.person_id = p_person ORDER BY r.set_at DESC, r.status) h
             ORDER BY h.set_at DESC LIMIT v_history) v ON true
     WHERE p.id = p_person
     ORDER BY v.set_at DESC;
END
$$;
REVOKE ALL ON FUNCTION sekisho.password_ground(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.password_ground(uuid) TO sekisho_authd;
