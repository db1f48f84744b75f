-- SPDX-License-Identifier: GPL-2.0-or-later
-- What is known of the card in a reader: by what the card says it is, or by its
-- GUID where it has no serial number. The latest, for a card may be used again;
-- then 'before' is the one whose secrets it has still. Null if there is none.
CREATE OR REPLACE FUNCTION sekisho.card_find(
    p_device text,
    p_guid bytea DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT card_json(c.token_id) || jsonb_build_object('before',
                (SELECT b.token_id FROM card b JOIN token t ON t.id = b.token_id
                  WHERE (b.device = p_device AND p_device <> '' OR b.guid = p_guid)
                    AND b.token_id <> c.token_id AND b.puk IS NOT NULL
                    AND b.state IN ('revoked', 'returned', 'expired')
                  ORDER BY t.created_at DESC LIMIT 1))
              FROM card c JOIN token k ON k.id = c.token_id
             WHERE c.device = p_device AND p_device <> '' OR c.guid = p_guid
             ORDER BY c.state IN ('revoked', 'returned', 'expired'), k.created_at DESC LIMIT 1);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_find(text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_find(text, bytea) TO sekisho_operator, sekisho_night;
