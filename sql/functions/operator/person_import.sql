-- SPDX-License-Identifier: GPL-2.0-or-later
-- People from the personnel system: who is not there is added, who is called
-- otherwise or works elsewhere is changed, nobody is removed. All of it or nothing:
-- if one line is refused, or it is a trial (p_dry), the answer says what would
-- happen to each and nothing does. The rows lie in a table of ours for as long as it
-- takes: in a temporary one an operator could have put his own trigger. p_rows: [{"line", "login", "name", ...}].
CREATE OR REPLACE FUNCTION sekisho.person_import(
    p_rows jsonb,
    p_dry boolean DEFAULT false)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_report jsonb := '[]';
    v_refused boolean := false;
    r record;
    p person;
BEGIN
    -- one import at a time, or two would both find somebody missing
    PERFORM pg_advisory_xact_lock(hashtext('sekisho person import'));
    DELETE FROM import_row;
    INSERT INTO import_row SELECT x.line, x.login, x.name, coalesce(x.kana, ''), coalesce(x.forms, '{}'), coalesce(x.lang, 'ja'),
           coalesce(x.kind, 'staff'), x.birth, coalesce(x.staff_number, ''), x.rule, coalesce(x.unit, ''),
           coalesce(x.sponsor, ''), x.since, x.until, x.pledge, x.training, x.contract
      FROM jsonb_to_recordset(p_rows) AS x(line int, login text, name text, kana text, forms text[], lang text, kind text,
           birth date, staff_number text, rule text, unit text, sponsor text, since timestamptz, until timestamptz,
           pledge date, training date, contract date);
    UPDATE import_row i SET done = 'login_twice'
      FROM (SELECT o.login FROM import_row o GROUP BY o.login HAVING count(*) > 1) t WHERE t.login = i.login;
    UPDATE import_row i SET done = 'staff_number_twice'
      FROM (SELECT o.staff_number FROM import_row o GROUP BY o.staff_number HAVING count(*) > 1) t
     WHERE t.staff_number = i.staff_number AND i.staff_number <> '' AND i.done IS NULL;
    UPDATE import_row i SET done = CASE
        WHEN i.staff_number <> '' AND EXISTS (SELECT FROM person o WHERE o.staff_number = i.staff_number
            AND o.login <> i.login AND o.status <> 'left') THEN 'staff_number_taken'
        WHEN i.login = 'card stock' OR i.lang NOT IN ('ja', 'en') OR i.kind NOT IN ('staff', 'operator', 'maintenance')
            THEN 'value_unknown'
        WHEN i.rule IS NOT NULL AND NOT EXISTS (SELECT FROM password_rule u WHERE u.name = i.rule) THEN 'password_rule_unknown'
        WHEN i.until <= coalesce(i.since, clock_timestamp()) THEN 'until_is_past'
        WHEN EXISTS (SELECT FROM person o WHERE o.login = i.login AND o.status = 'left') THEN 'person_left'
        WHEN NOT EXISTS (SELECT FROM person o WHERE o.login = i.login) THEN 'added'
        WHEN EXISTS (SELECT FROM person o WHERE o.login = i.login AND o.name = i.name
            AND (i.kana = '' OR o.kana = i.kana) AND (i.birth IS NULL OR o.birth = i.birth)
            AND (i.staff_number = '' OR o.staff_number = i.staff_number) AND (i.rule IS NULL OR o.password_rule = i.rule)
            AND (i.pledge IS NULL OR o.pledge_on = i.pledge) AND (i.training IS NULL OR o.training_on = i.training)
            AND (i.contract IS NULL OR o.contract_until = i.contract)
            AND EXISTS (SELECT FROM affiliation a WHERE a.person_id = o.id AND a.unit = i.unit
                AND (a.valid_until IS NOT DISTINCT FROM i.until)
                AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp()))) THEN 'same'
        ELSE 'changed' END
     WHERE i.done IS NULL;
    v_refused := EXISTS (SELECT FROM import_row i WHERE i.done NOT IN ('added', 'same', 'changed'));
    v_report := (SELECT coalesce(jsonb_agg(jsonb_build_object('line', i.line, 'login', i.login, 'done', i.done)
                    ORDER BY i.line), '[]') FROM import_row i);
    IF v_refused OR p_dry THEN
        DELETE FROM import_row;
        RETURN jsonb_build_object('carried_out', false, 'lines', v_report);
    END IF;
    FOR r IN SELECT i.* FROM import_row i WHERE i.done = 'added' ORDER BY i.line LOOP
        PERFORM person_add(r.login, r.name, r.kana, r.lang, r.kind, r.unit, r.sponsor, r.since, r.until, r.forms,
            r.birth, r.staff_number, coalesce(r.rule, 'default'), r.pledge, r.training, r.contract);
    END LOOP;
    FOR r IN SELECT i.* FROM import_row i WHERE i.done = 'changed' ORDER BY i.line LOOP
        PERFORM person_set(r.login, r.name, nullif(r.kana, ''), NULL, r.forms, r.birth, nullif(r.staff_number, ''),
            r.rule, r.pledge, r.training, r.contract);
        SELECT o.* INTO p FROM person o WHERE o.login = r.login;
        IF NOT EXISTS (SELECT FROM affiliation a WHERE a.person_id = p.id AND a.unit = r.unit
                AND a.valid_until IS NOT DISTINCT FROM r.until
                AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp())) THEN
            PERFORM person_affiliate(r.login, r.unit, r.sponsor, r.since, r.until);
        END IF;
    END LOOP;
    DELETE FROM import_row;
    RETURN jsonb_build_object('carried_out', true, 'lines', v_report);
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_import(jsonb, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.person_import(jsonb, boolean) TO sekisho_operator;
