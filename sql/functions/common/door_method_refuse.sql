-- SPDX-License-Identifier: GPL-2.0-or-later
-- Refuses a word that names no way of identifying people at a door.
CREATE OR REPLACE FUNCTION sekisho.door_method_refuse(
    p_method text)
    RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    IF p_method NOT IN ('', 'card', 'card_pin', 'biometric', 'uid', 'code', 'attendant') THEN
        PERFORM refuse('door_method_unknown', p_method);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_method_refuse(text) FROM PUBLIC;
