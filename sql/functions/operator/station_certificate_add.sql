-- SPDX-License-Identifier: GPL-2.0-or-later
-- A machine's certificate, which card-admin has verified up to the issuer: from
-- now on this very one counts. p_issuer: the name of its record here.
CREATE OR REPLACE FUNCTION sekisho.station_certificate_add(
    p_kind text,
    p_name text,
    p_issuer text,
    p_serial bytea,
    p_key_id bytea,
    p_certificate bytea,
    p_from timestamptz,
    p_until timestamptz)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    t station;
    i issuer;
BEGIN
    t := station_named(p_kind, p_name);
    SELECT x.* INTO i FROM issuer x WHERE x.name = p_issuer AND x.status = 'active';
    IF i.id IS NULL THEN
        PERFORM refuse('issuer_unknown', p_issuer);
    ELSIF i.revocation = 'ocsp' THEN
        PERFORM refuse('station_issuer_ocsp', p_issuer);    -- nobody asks for these
    ELSIF p_until <= clock_timestamp() THEN
        PERFORM refuse('station_certificate_expired', p_name);
    ELSIF EXISTS (SELECT FROM card_key k WHERE k.key_id = p_key_id) THEN
        PERFORM refuse('card_key_taken', p_name);
    END IF;
    INSERT INTO station_certificate (station_id, issuer_id, serial, key_id, certificate, valid_from, valid_until)
    VALUES (t.id, i.id, p_serial, p_key_id, p_certificate, p_from, p_until)
    ON CONFLICT (issuer_id, serial) DO NOTHING;
    IF NOT FOUND THEN
        PERFORM refuse('station_certificate_taken', (SELECT x.name FROM station x
            JOIN station_certificate k ON k.station_id = x.id
           WHERE k.issuer_id = i.id AND k.serial = p_serial));
    END IF;
    PERFORM audit_admin(p_kind || '_certificate_add', NULL, t.owner_id, jsonb_build_object('name', t.name,
        'issuer', i.name, 'serial', encode(p_serial, 'hex')));
    RETURN station_json(t);
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_certificate_add(text, text, text, bytea, bytea, bytea, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.station_certificate_add(text, text, text, bytea, bytea, bytea, timestamptz, timestamptz) TO sekisho_operator;
