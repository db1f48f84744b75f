-- SPDX-License-Identifier: GPL-2.0-or-later
-- Why a card's key counts for nothing at a moment; NULL if it counts. The
-- word is the reason in log and audit. One place, for logins, doors and lists.
-- Without SECURITY DEFINER and SET, so that it is inlined: only functions that
-- have both call it, and nobody else may.
CREATE OR REPLACE FUNCTION sekisho.card_fault(
    p_token sekisho.token, p_card sekisho.card, p_key sekisho.card_key,
    p_issuer sekisho.issuer, p_at timestamptz)
    RETURNS text
    LANGUAGE sql STABLE
AS $$
    SELECT CASE
        WHEN p_token.status = 'revoked' OR p_key.revoked_at IS NOT NULL THEN 'card_revoked'
        WHEN p_token.status = 'suspended' AND p_card.state = 'lost' THEN 'card_lost'
        WHEN p_token.status = 'suspended' OR p_key.held_at IS NOT NULL THEN 'card_suspended'
        WHEN p_token.status <> 'active' OR p_key.proven_at IS NULL THEN 'card_pending'
        WHEN p_card.temporary_until <= p_at THEN 'card_expired'
        WHEN p_key.valid_from > p_at THEN 'card_not_yet_valid'
        WHEN p_key.valid_until <= p_at THEN 'card_expired'
        WHEN p_issuer.status = 'retired' THEN 'issuer_retired'
        -- stale revocation data fails closed
        WHEN p_issuer.revocation = 'crl'
             AND coalesce(p_issuer.crl_next <= p_at, true) THEN 'crl_stale'
        WHEN p_issuer.revocation = 'ocsp'
             AND coalesce(p_key.status_until <= p_at, true) THEN 'status_stale'
    END
$$;
REVOKE ALL ON FUNCTION sekisho.card_fault(sekisho.token, sekisho.card, sekisho.card_key,
    sekisho.issuer, timestamptz) FROM PUBLIC;
