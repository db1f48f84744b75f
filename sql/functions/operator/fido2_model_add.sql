-- SPDX-License-Identifier: GPL-2.0-or-later
-- Allows a model, or changes what is known of it. p_root: the certificate of who
-- attests to it (DER); card-admin has looked at it.
CREATE OR REPLACE FUNCTION sekisho.fido2_model_add(
    p_aaguid uuid,
    p_name text,
    p_root bytea DEFAULT NULL,
    p_note text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    INSERT INTO fido2_model AS m (aaguid, name, root, note) VALUES (p_aaguid, p_name, p_root, p_note)
    ON CONFLICT (aaguid) DO UPDATE SET name = excluded.name, note = excluded.note,
        root = coalesce(excluded.root, m.root), added_at = clock_timestamp(), added_by = session_user;
    PERFORM audit_admin('fido2_model_add', NULL, NULL, jsonb_build_object('aaguid', p_aaguid,
        'name', p_name, 'root', encode(sha256(p_root), 'hex'), 'note', p_note));
    RETURN (SELECT x FROM jsonb_array_elements(fido2_model_list()) x WHERE x ->> 'aaguid' = p_aaguid::text);
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_model_add(uuid, text, bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.fido2_model_add(uuid, text, bytea, text) TO sekisho_operator;
