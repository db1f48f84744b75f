-- SPDX-License-Identifier: GPL-2.0-or-later
-- Why a FIDO2 key counts for nothing; NULL if it counts. The word is the reason
-- in log and audit. p_rp: what keys are registered for now (setting fido2.rp_id).
-- Inlined, as card_fault is.
CREATE OR REPLACE FUNCTION sekisho.fido2_fault(
    p_token sekisho.token, p_key sekisho.fido2_key, p_rp text)
    RETURNS text
    LANGUAGE sql STABLE
AS $$
    SELECT CASE
        WHEN p_token.status = 'revoked' OR p_key.state = 'revoked' THEN 'fido2_revoked'
        WHEN p_key.state = 'lost' THEN 'fido2_lost'
        WHEN p_token.status <> 'active' OR p_key.state <> 'active' THEN 'fido2_suspended'
        WHEN p_key.rp_id <> p_rp THEN 'fido2_rp_changed'
    END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_fault(sekisho.token, sekisho.fido2_key, text) FROM PUBLIC;
