-- SPDX-License-Identifier: GPL-2.0-or-later
-- Records a certificate that our CA has signed for a key of a card, and
-- answers the order with it; '' or why not. The key is inert until it has
-- signed (card_prove). A key that was in the slot before is gone from the card,
-- so it is revoked.
CREATE OR REPLACE FUNCTION sekisho.card_certificate_store(
    p_order uuid,
    p_slot text,
    p_key_id bytea,
    p_spki bytea,
    p_certificate bytea,
    p_issuer uuid,
    p_serial bytea,
    p_from timestamptz,
    p_until timestamptz)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_order order_;
    v_why text := '';
BEGIN
    SELECT o.* INTO v_order FROM order_ o WHERE o.id = p_order AND o.status = 'new'
       AND o.kind = 'card_certificate' FOR UPDATE;
    IF v_order.id IS NULL THEN
        RETURN 'order_ended';
    END IF;
    PERFORM FROM token k WHERE k.id = v_order.token_id FOR UPDATE;
    PERFORM FROM token k JOIN card c ON c.token_id = k.id
      WHERE k.id = v_order.token_id AND k.status IN ('pending', 'active')
        AND c.state IN ('new', 'prepared', 'active');
    IF NOT FOUND THEN
        v_why := 'card_unusable';
    ELSIF NOT EXISTS (SELECT FROM issuer i WHERE i.id = p_issuer AND i.kind = 'own'
                         AND i.status = 'active') THEN
        v_why := 'ca_changed';
    ELSIF EXISTS (SELECT FROM card_key k WHERE k.key_id = p_key_id
                     AND (k.token_id <> v_order.token_id OR k.slot <> p_slot)
                     AND k.revoked_at IS NULL)
       OR EXISTS (SELECT FROM card_key k WHERE k.key_id = p_key_id
                     AND k.token_id <> v_order.token_id) THEN
        v_why := 'key_known';   -- one key, one card, for good
    ELSIF EXISTS (SELECT FROM card c WHERE c.token_id = v_order.token_id
                     AND c.attestation ? 'keys'
                     AND c.attestation #>> ARRAY['keys', p_slot]
                         IS DISTINCT FROM encode(p_spki, 'hex'))
       AND EXISTS (SELECT FROM card c WHERE c.token_id = v_order.token_id
                      AND (c.state = 'prepared' OR c.temporary_until IS NOT NULL)) THEN
        v_why := 'key_unknown'; -- not what this card of the stock made when it was prepared
    ELSIF EXISTS (SELECT FROM card c WHERE c.token_id = v_order.token_id
                     AND c.temporary_until IS NOT NULL AND NOT c.attestation ? 'keys') THEN
        v_why := 'key_unknown';
    END IF;
    IF v_why = '' THEN
        UPDATE card_key k SET revoked_at = clock_timestamp(), revoked_why = 'superseded'
         WHERE k.token_id = v_order.token_id AND k.slot = p_slot AND k.revoked_at IS NULL;
        IF FOUND THEN
            UPDATE person p SET version = p.version + 1 WHERE p.id = v_order.person_id;
        END IF;
        -- SP 800-73-4 part 1, 3.3: only the key for card authentication goes
        -- without a PIN. What the card itself attests may say otherwise later.
        INSERT INTO card_key (token_id, slot, key_id, spki, pin, pin_known_by, certificate,
            issuer_id, serial, valid_from, valid_until)
        VALUES (v_order.token_id, p_slot, p_key_id, p_spki,
            CASE p_slot WHEN '9e' THEN 'none' ELSE 'enforced' END, 'slot', p_certificate,
            p_issuer, p_serial, p_from, p_until);
    END IF;
    UPDATE order_ o SET status = CASE v_why WHEN '' THEN 'done' ELSE 'refused' END,
           reason = v_why, done_at = clock_timestamp(), args = '',
           answer = CASE v_why WHEN '' THEN p_certificate END
     WHERE o.id = p_order;
    PERFORM audit_order(p_order, jsonb_build_object('slot', p_slot,
        'key_id', encode(p_key_id, 'hex'), 'serial', encode(p_serial, 'hex')));
    RETURN v_why;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_certificate_store(uuid, text, bytea, bytea, bytea, uuid, bytea, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_certificate_store(uuid, text, bytea, bytea, bytea, uuid, bytea, timestamptz, timestamptz) TO sekisho_clerk;
