-- SPDX-License-Identifier: GPL-2.0-or-later
-- One card as card-admin shows it: no escrow, no challenge, ever.
CREATE OR REPLACE FUNCTION sekisho.card_json(
    p_token uuid)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_build_object(
        'id', k.id, 'number', c.number, 'device', c.device, 'origin', c.origin,
        'login', CASE WHEN p.login <> 'card stock' THEN p.login END,
        'name', CASE WHEN p.login <> 'card stock' THEN p.name END,
        'state', c.state, 'status', k.status, 'why', c.why, 'lost_at', c.lost_at,
        'temporary_until', c.temporary_until, 'guid', encode(c.guid, 'hex'),
        'attestation', c.attestation, 'escrow', c.puk IS NOT NULL AND c.management IS NOT NULL,
        'puk_next', c.puk_next IS NOT NULL,
        'created_at', k.created_at, 'created_by', k.created_by,
        'changed_at', c.changed_at, 'changed_by', c.changed_by,
        'valid_until', (SELECT min(y.valid_until) FROM card_key y
            WHERE y.token_id = k.id AND y.revoked_at IS NULL AND y.proven_at IS NOT NULL),
        'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('slot', y.slot,
                'key_id', encode(y.key_id, 'hex'), 'pin', y.pin, 'pin_known_by', y.pin_known_by,
                'issuer', i.name, 'serial', encode(y.serial, 'hex'),
                'valid_from', y.valid_from, 'valid_until', y.valid_until,
                'status_until', y.status_until, 'proven_at', y.proven_at, 'revoked_at', y.revoked_at,
                'held_at', y.held_at,
                'revoked_why', y.revoked_why) ORDER BY y.created_at, y.slot), '[]')
            FROM card_key y LEFT JOIN issuer i ON i.id = y.issuer_id WHERE y.token_id = k.id))
      FROM card c JOIN token k ON k.id = c.token_id JOIN person p ON p.id = k.person_id
     WHERE k.id = p_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_json(uuid) FROM PUBLIC;
