-- SPDX-License-Identifier: GPL-2.0-or-later
-- Makes a self-signed certificate that of our card CA; '' or why not.
CREATE OR REPLACE FUNCTION sekisho.ca_publish(
    p_order uuid,
    p_name text,
    p_certificate bytea,
    p_key_label text)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_order order_;
    v_why text := '';
BEGIN
    SELECT o.* INTO v_order FROM order_ o WHERE o.id = p_order AND o.status = 'new'
       AND o.kind = 'ca_init' FOR UPDATE;
    IF v_order.id IS NULL THEN
        RETURN 'order_ended';
    END IF;
    LOCK TABLE issuer IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM issuer i WHERE i.kind = 'own' AND i.status = 'active') THEN
        v_why := 'ca_exists';
    ELSIF EXISTS (SELECT FROM issuer i WHERE i.name = p_name) THEN
        v_why := 'issuer_exists';
    ELSE
        INSERT INTO issuer (name, kind, certificate, key_label, revocation, created_by)
        VALUES (p_name, 'own', p_certificate, p_key_label, 'own', v_order.placed_by);
    END IF;
    UPDATE order_ o SET status = CASE v_why WHEN '' THEN 'done' ELSE 'refused' END,
           reason = v_why, done_at = clock_timestamp(), args = '',
           answer = CASE v_why WHEN '' THEN p_certificate END
     WHERE o.id = p_order;
    PERFORM audit_order(p_order, jsonb_build_object('issuer', p_name,
        'certificate', encode(sha256(p_certificate), 'hex')));
    RETURN v_why;
END
$$;
REVOKE ALL ON FUNCTION sekisho.ca_publish(uuid, text, bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.ca_publish(uuid, text, bytea, text) TO sekisho_clerk;
