-- SPDX-License-Identifier: GPL-2.0-or-later
-- Approvals: what one officer asks for and others must agree to.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sekisho_approval') THEN
        CREATE ROLE sekisho_approval NOLOGIN;
    END IF;
END
$$;
-- The right to agree. Whoever has it need not be an operator besides.
GRANT USAGE ON SCHEMA sekisho TO sekisho_approval;

SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- How many others must agree before an order of this kind is executed. A kind
-- without a row needs nobody. least: below it nobody can set it, for what a
-- secret out of escrow is worth outlives the reason it was asked for.
CREATE TABLE order_rule (
    kind text PRIMARY KEY,
    approvals int NOT NULL CHECK (approvals BETWEEN 0 AND 3),
    least int NOT NULL,
    CHECK (approvals >= least)
);
INSERT INTO order_rule (kind, approvals, least) VALUES
    ('ca_init', 0, 0),
    ('card_puk', 0, 0),             -- for work with the card at the desk
    ('card_management', 0, 0),
    ('escrow_puk', 1, 1),           -- shown to a person
    ('escrow_management', 1, 1);

INSERT INTO setting (name, value, meaning) VALUES
    ('order.approval_hours', '24', 'hours in which an order must be approved, and its answer collected');

ALTER TABLE order_ DROP CONSTRAINT order__kind_check;
ALTER TABLE order_ ADD CONSTRAINT order__kind_check CHECK (kind IN ('totp_confirm', 'totp_resync',
    'card_certificate', 'card_prove', 'card_puk', 'card_management', 'ca_init', 'card_renew',
    'escrow_puk', 'escrow_management'));
ALTER TABLE order_ DROP CONSTRAINT order__status_check;
ALTER TABLE order_ ADD CONSTRAINT order__status_check
    CHECK (status IN ('waiting', 'new', 'done', 'refused', 'expired'));
-- approvals: what was demanded when it was placed. ready_at: since when it may
-- be executed; until then it waits for approvals, no longer than expires_at.
ALTER TABLE order_ ADD COLUMN approvals int NOT NULL DEFAULT 0,
    ADD COLUMN why text NOT NULL DEFAULT '' CHECK (length(why) <= 500),
    ADD COLUMN ready_at timestamptz DEFAULT clock_timestamp(),
    ADD COLUMN expires_at timestamptz;
UPDATE order_ SET ready_at = placed_at;
ALTER TABLE order_ ADD CHECK ((status = 'waiting') <= (expires_at IS NOT NULL AND approvals > 0));
CREATE INDEX order_waiting ON order_ (expires_at) WHERE status = 'waiting';

-- Who agreed, and to what: the digest of the order as the officer saw it.
CREATE TABLE order_approval (
    order_id uuid NOT NULL REFERENCES order_,
    officer text NOT NULL DEFAULT session_user,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (order_id, officer)
);

RESET ROLE;
