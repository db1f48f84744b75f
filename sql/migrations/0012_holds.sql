-- SPDX-License-Identifier: GPL-2.0-or-later
-- certificateHold (RFC 5280 5.3.1): another issuer has suspended a certificate,
-- and may take that back.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- Since when its issuer holds it; it counts again when the issuer's CRL has it
-- no more.
ALTER TABLE card_key ADD COLUMN held_at timestamptz;
ALTER TABLE issuer_revoked ADD COLUMN hold boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION card_key_is_not_revoked() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_hold boolean;
BEGIN
    SELECT r.hold INTO v_hold FROM issuer_revoked r
     WHERE r.issuer_id = NEW.issuer_id AND r.serial = NEW.serial;
    IF FOUND THEN
        PERFORM refuse(CASE WHEN v_hold THEN 'certificate_held' ELSE 'certificate_revoked' END,
            encode(NEW.serial, 'hex'));
    END IF;
    RETURN NEW;
END
$$;

-- It answers with more now.
DROP FUNCTION IF EXISTS orders_card_open(boolean);

RESET ROLE;
