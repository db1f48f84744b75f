-- SPDX-License-Identifier: GPL-2.0-or-later
-- Certificates with this serial number, with their keys' digests and their
-- issuers' certificates: FreeRADIUS tells of an issuer its name only, which a
-- worker compares. Whether one counts is asked with the attempt (attempt_read), of
-- a device's by station_admit.
CREATE OR REPLACE FUNCTION sekisho.certificate_keys(
    p_serial bytea)
    RETURNS TABLE (id uuid, key_id bytea, issuer bytea, device boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN QUERY SELECT k.id, k.key_id, i.certificate, false
      FROM card_key k JOIN issuer i ON i.id = k.issuer_id
     WHERE k.serial = p_serial ORDER BY k.revoked_at NULLS FIRST, k.id LIMIT 8;
    RETURN QUERY SELECT k.id, k.key_id, i.certificate, true
      FROM station_certificate k JOIN issuer i ON i.id = k.issuer_id
     WHERE k.serial = p_serial ORDER BY k.revoked_at NULLS FIRST, k.id LIMIT 8;
END
$$;
REVOKE ALL ON FUNCTION sekisho.certificate_keys(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.certificate_keys(bytea) TO sekisho_authd;
