-- SPDX-License-Identifier: GPL-2.0-or-later
-- Nothing of this issuer counts any more, and nothing of it can be bound. Our
-- own CA goes the same way when another is to take its place.
CREATE OR REPLACE FUNCTION sekisho.issuer_retire(
    p_name text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_issuer issuer;
BEGIN
    UPDATE issuer i SET status = 'retired' WHERE i.name = p_name AND i.status = 'active'
    RETURNING i.* INTO v_issuer;
    IF v_issuer.id IS NULL THEN
        PERFORM refuse('issuer_unknown', p_name);
    END IF;
    UPDATE person p SET version = p.version + 1
     WHERE p.id IN (SELECT t.person_id FROM card_key k JOIN token t ON t.id = k.token_id
                     WHERE k.issuer_id = v_issuer.id AND k.revoked_at IS NULL);
    PERFORM audit_admin('issuer_retire', NULL, NULL, jsonb_build_object('issuer', p_name));
    RETURN issuer_json(v_issuer);
END
$$;
REVOKE ALL ON FUNCTION sekisho.issuer_retire(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.issuer_retire(text) TO sekisho_operator;
