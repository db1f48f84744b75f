-- SPDX-License-Identifier: GPL-2.0-or-later
-- A person's code tokens, without their seeds (cards: card_list).
CREATE OR REPLACE FUNCTION sekisho.token_list(
    p_login text)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'method', k.method,
            'label', k.label, 'status', k.status, 'algorithm', k.algorithm,
            'digits', k.digits, 'period', k.period, 'drift', k.drift,
            'created_at', k.created_at, 'created_by', k.created_by)
            ORDER BY k.created_at), '[]')
        FROM token k WHERE k.person_id = person_id_of(p_login)
           AND k.method = 'totp');
END
$$;
REVOKE ALL ON FUNCTION sekisho.token_list(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.token_list(text) TO sekisho_operator, sekisho_auditor;
