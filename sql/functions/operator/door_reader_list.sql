-- SPDX-License-Identifier: GPL-2.0-or-later
-- Readers, of one door or of all: at which side, how people are identified
-- there, whose client asks, and when it was heard.
CREATE OR REPLACE FUNCTION sekisho.door_reader_list(
    p_door text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('door', d.name, 'name', r.name,
            'client', c.name, 'side', r.side,
            'method', CASE r.side WHEN 'in' THEN d.method_in ELSE d.method_out END,
            'heard_at', s.heard_at, 'silent', coalesce(s.heard_at < clock_timestamp()
                - make_interval(secs => s.silent_after), true)) ORDER BY d.name, r.name, c.name), '[]')
      FROM door_reader r JOIN door d ON d.id = r.door_id JOIN client c ON c.id = r.client_id
           JOIN door_source s ON s.client_id = c.id
     WHERE p_door = '' OR d.name = p_door);
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_reader_list(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_reader_list(text) TO sekisho_operator, sekisho_auditor;
