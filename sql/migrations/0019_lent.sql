-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether a card may be lent to this person, so that a login with one's own card
-- need not look for it. True by mistake costs two look-ups a login
-- (attempt_record); false by mistake is not possible (card_hand_out).
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

ALTER TABLE person ADD COLUMN lent boolean NOT NULL DEFAULT false;
UPDATE person p SET lent = true WHERE EXISTS (SELECT FROM token k JOIN card c ON c.token_id = k.id
    WHERE k.person_id = p.id AND c.temporary_until IS NOT NULL AND k.status <> 'revoked');

RESET ROLE;
