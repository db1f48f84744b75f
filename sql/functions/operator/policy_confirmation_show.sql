-- SPDX-License-Identifier: GPL-2.0-or-later
-- Who confirmed the rules last, whether it still counts, and what was weakened since.
CREATE OR REPLACE FUNCTION sekisho.policy_confirmation_show()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    c policy_confirmation;
    v_since jsonb;
BEGIN
    SELECT x.* INTO c FROM policy_confirmation x ORDER BY x.id DESC LIMIT 1;
    v_since := (SELECT coalesce(jsonb_agg(to_jsonb(w) - 'id' ORDER BY w.id), '[]') FROM policy_weakening w
        WHERE w.at > coalesce(c.at, '-infinity'));
    RETURN jsonb_build_object('at', c.at, 'officer', c.officer, 'note', c.note,
        'until', c.at + interval '1 year', 'weakened', v_since,
        'due', c.at IS NULL OR c.at + interval '1 year' <= clock_timestamp() OR v_since <> '[]');
END
$$;
REVOKE ALL ON FUNCTION sekisho.policy_confirmation_show() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.policy_confirmation_show() TO sekisho_operator, sekisho_auditor;
