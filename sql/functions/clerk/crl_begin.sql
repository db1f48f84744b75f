-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether our CA must make a CRL now, and what goes into it; no row if not.
-- One is due when a certificate of it was revoked that no CRL has, and every
-- card.crl_hours. What is listed is marked with the number of the CRL before
-- it is made: who commits a revocation afterwards is in the next one.
-- What was valid last more than a week ago need not be listed (RFC 5280 3.3).
CREATE OR REPLACE FUNCTION sekisho.crl_begin(
    p_again boolean DEFAULT false)
    RETURNS TABLE (issuer_id uuid, certificate bytea, number bigint, this_update bigint,
        next_update bigint, revoked text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_issuer issuer;
    v_hours int;
    v_now timestamptz := clock_timestamp();
BEGIN
    SELECT i.* INTO v_issuer FROM issuer i
     WHERE i.kind = 'own' AND i.status = 'active' FOR UPDATE;
    IF v_issuer.id IS NULL THEN
        RETURN;
    END IF;
    SELECT s.value::int INTO v_hours FROM setting s WHERE s.name = 'card.crl_hours';
    IF NOT p_again AND v_issuer.crl IS NOT NULL
        AND v_issuer.crl_this BETWEEN v_now - make_interval(hours => v_hours) AND v_now
        AND NOT EXISTS (SELECT FROM card_key k WHERE k.issuer_id = v_issuer.id
            AND k.revoked_at IS NOT NULL AND k.serial IS NOT NULL
            AND coalesce(k.crl_listed > v_issuer.crl_number, true)) THEN
        RETURN;
    END IF;
    UPDATE card_key k SET crl_listed = v_issuer.crl_number + 1
     WHERE k.issuer_id = v_issuer.id AND k.revoked_at IS NOT NULL AND k.serial IS NOT NULL
       AND k.crl_listed IS NULL;
    RETURN QUERY SELECT v_issuer.id, v_issuer.certificate, v_issuer.crl_number + 1,
        floor(extract(epoch FROM v_now))::bigint,
        floor(extract(epoch FROM v_now))::bigint + 3 * 3600 * v_hours,
        (SELECT coalesce(string_agg(encode(k.serial, 'hex') || ' '
                || floor(extract(epoch FROM k.revoked_at))::bigint || ' '
                || split_part(translate(k.revoked_why, E'\n\r', '  '), ' ', 1), E'\n' ORDER BY k.revoked_at, k.id), '')
           FROM card_key k WHERE k.issuer_id = v_issuer.id AND k.crl_listed IS NOT NULL
            AND k.valid_until > v_now - interval '7 days');
END
$$;
REVOKE ALL ON FUNCTION sekisho.crl_begin(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.crl_begin(boolean) TO sekisho_clerk;
