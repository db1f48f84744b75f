-- SPDX-License-Identifier: GPL-2.0-or-later
-- Puts a resealed box in place of the old one, if that is still there.
CREATE OR REPLACE FUNCTION sekisho.box_reseal(
    p_kind text,
    p_id uuid,
    p_old bytea,
    p_box bytea,
    p_key_version int)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    CASE p_kind
    WHEN 'password' THEN
        UPDATE verifier v SET sealed = p_box, key_version = p_key_version
         WHERE v.id = p_id AND v.sealed = p_old;
    WHEN 'totp' THEN
        UPDATE token k SET sealed = p_box, key_version = p_key_version
         WHERE k.id = p_id AND k.sealed = p_old;
    WHEN 'client' THEN
        UPDATE client c SET sealed = p_box, key_version = p_key_version
         WHERE c.id = p_id AND c.sealed = p_old;
    WHEN 'puk' THEN
        UPDATE card c SET puk = p_box, puk_version = p_key_version
         WHERE c.token_id = p_id AND c.puk = p_old;
        IF NOT FOUND THEN
            UPDATE card c SET puk_next = p_box, puk_next_version = p_key_version
             WHERE c.token_id = p_id AND c.puk_next = p_old;
        END IF;
    WHEN 'management' THEN
        UPDATE card c SET management = p_box, management_version = p_key_version
         WHERE c.token_id = p_id AND c.management = p_old;
    END CASE;
    RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION sekisho.box_reseal(text, uuid, bytea, bytea, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.box_reseal(text, uuid, bytea, bytea, int) TO sekisho_clerk;
