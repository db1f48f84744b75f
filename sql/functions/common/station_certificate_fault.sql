-- SPDX-License-Identifier: GPL-2.0-or-later
-- Why a device's certificate counts for nothing; NULL if it counts. As
-- card_fault for cards: stale revocation data fails closed.
CREATE OR REPLACE FUNCTION sekisho.station_certificate_fault(
    p_certificate sekisho.station_certificate, p_at timestamptz)
    RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    i issuer;
BEGIN
    SELECT x.* INTO i FROM issuer x WHERE x.id = p_certificate.issuer_id;
    RETURN CASE
        WHEN p_certificate.revoked_at IS NOT NULL THEN 'station_certificate_revoked'
        WHEN p_certificate.valid_from > p_at OR p_certificate.valid_until <= p_at
            THEN 'station_certificate_expired'
        WHEN i.status = 'retired' THEN 'issuer_retired'
        WHEN i.revocation = 'crl' AND coalesce(i.crl_next <= p_at, true) THEN 'crl_stale'
        WHEN EXISTS (SELECT FROM issuer_revoked r WHERE r.issuer_id = i.id
                      AND r.serial = p_certificate.serial) THEN 'station_certificate_revoked' END;
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_certificate_fault(sekisho.station_certificate, timestamptz) FROM PUBLIC;
