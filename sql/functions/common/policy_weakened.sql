-- SPDX-License-Identifier: GPL-2.0-or-later
-- A rule asks for less than it did: the confirmation of before is worth nothing.
CREATE OR REPLACE FUNCTION sekisho.policy_weakened(
    p_what text, p_before text, p_after text)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    INSERT INTO policy_weakening (what, before, after)
    VALUES (p_what, coalesce(p_before, '-'), coalesce(p_after, '-'));
    PERFORM audit_admin('policy_weakened', NULL, NULL,
        jsonb_build_object('what', p_what, 'before', p_before, 'after', p_after));
END
$$;
REVOKE ALL ON FUNCTION sekisho.policy_weakened(text, text, text) FROM PUBLIC;
