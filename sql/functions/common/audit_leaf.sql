-- SPDX-License-Identifier: GPL-2.0-or-later
-- An event as the text whose hash is sealed: one line, the same for ever. A new
-- way to write it gets another v; batches that are sealed keep theirs. No settings of
-- its own, so that it is written into the query that asks for it.
CREATE OR REPLACE FUNCTION sekisho.audit_leaf(a sekisho.audit) RETURNS text
    LANGUAGE sql STABLE
AS $$
    SELECT jsonb_build_object('v', 1, 'id', a.id, 'at',
        to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'kind', a.kind, 'login', a.login,
        'person_id', a.person_id, 'client_id', a.client_id, 'purpose', a.purpose, 'scope', a.scope,
        'outcome', a.outcome, 'reason', a.reason, 'evidence', a.evidence, 'ref', a.ref, 'count', a.count,
        'until', to_char(a.until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'node', a.node, 'actor', a.actor, 'detail', a.detail)::text
$$;
REVOKE ALL ON FUNCTION sekisho.audit_leaf(sekisho.audit) FROM PUBLIC;
