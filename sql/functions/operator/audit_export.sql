-- SPDX-License-Identifier: GPL-2.0-or-later
-- One sealed batch with its events, for sekisho-audit; NULL if there is none of that
-- number. Events are text, as they were hashed. What is there is exported, whatever
-- was done to it: to find that out is not ours.
CREATE OR REPLACE FUNCTION sekisho.audit_export(p_batch bigint) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT jsonb_build_object('seal', jsonb_build_object('statement', s.statement,
               'signature', encode(s.signature, 'hex'), 'leaves', encode(s.leaves, 'hex')),
           'events', coalesce((SELECT jsonb_agg(audit_leaf(a) ORDER BY a.id) FROM audit a
                                WHERE a.id > coalesce((SELECT p.last_id FROM audit_seal p WHERE p.batch = s.batch - 1), 0)
                                  AND a.id <= s.last_id), '[]'),
           'unsealed', (SELECT count(*) FROM audit a WHERE a.id > (SELECT max(l.last_id) FROM audit_seal l)
                           AND NOT EXISTS (SELECT FROM audit_seal n WHERE n.batch > s.batch)))
      FROM audit_seal s WHERE s.batch = p_batch
$$;
REVOKE ALL ON FUNCTION sekisho.audit_export(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.audit_export(bigint) TO sekisho_auditor, sekisho_operator;
