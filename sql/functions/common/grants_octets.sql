-- SPDX-License-Identifier: GPL-2.0-or-later
-- A list of attributes as they are in a packet (RFC 2865 5, 5.26): empty for none.
CREATE OR REPLACE FUNCTION sekisho.grants_octets(
    p_grants jsonb)
    RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_all bytea := '';
    g jsonb;
    v_value bytea;
    v_vendor int;
    v_number int;
BEGIN
    FOR g IN SELECT x FROM jsonb_array_elements(p_grants) x LOOP
        v_value := decode(g ->> 'octets', 'hex');
        v_vendor := (g ->> 'vendor')::int;
        v_number := (g ->> 'number')::int;
        IF v_vendor = 0 THEN
            v_all := v_all || set_byte('\x00', 0, v_number) || set_byte('\x00', 0, length(v_value) + 2);
        ELSE
            v_all := v_all || '\x1a'::bytea || set_byte('\x00', 0, length(v_value) + 8) || int4send(v_vendor)
                || set_byte('\x00', 0, v_number) || set_byte('\x00', 0, length(v_value) + 2);
        END IF;
        v_all := v_all || v_value;
    END LOOP;
    RETURN v_all;
END
$$;
REVOKE ALL ON FUNCTION sekisho.grants_octets(jsonb) FROM PUBLIC;
