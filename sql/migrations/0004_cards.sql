-- SPDX-License-Identifier: GPL-2.0-or-later
-- Cards. A card is a token with the method card; what it can prove are its
-- keys, bound by their public halves and never by a name (SP 800-157 4).
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

ALTER DOMAIN token_method DROP CONSTRAINT token_method_check;
ALTER DOMAIN token_method ADD CHECK (VALUE IN ('totp', 'card'));

-- card: a key of a card signed (possession). pin: the card let it sign only
-- after its PIN (knowledge), so it comes with card and never alone.
ALTER TABLE policy DROP CONSTRAINT policy_methods_check;
ALTER TABLE policy ADD CHECK (methods <@ '{password,totp,card,pin}'::text[]);
ALTER TABLE policy ALTER COLUMN methods SET DEFAULT '{password,totp,card,pin}';
UPDATE policy SET methods = methods || '{card,pin}', version = version + 1
 WHERE methods @> '{password,totp}';

-- Who certified keys: our own card CA, another issuer whose revocation data
-- we read, or one whose data we cannot have (JPKI) and whose cards are bare keys.
CREATE TABLE issuer (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    kind text NOT NULL CHECK (kind IN ('own', 'other', 'bare')),
    certificate bytea NOT NULL CHECK (octet_length(certificate) BETWEEN 64 AND 8192),
    key_label text NOT NULL DEFAULT '',     -- own: of the key in the PKCS#11 token
    revocation text NOT NULL CHECK (revocation IN ('own', 'crl', 'ocsp', 'none')),
    crl bytea,
    crl_number bigint NOT NULL DEFAULT 0,
    crl_this timestamptz,
    crl_next timestamptz,           -- past: nothing of this issuer counts
    url text NOT NULL DEFAULT '',   -- where its CRL is, or its OCSP responder
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'retired')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user
);
CREATE UNIQUE INDEX issuer_one_own ON issuer (kind) WHERE kind = 'own' AND status = 'active';

-- The plastic. Whether it counts stands in token.status; why it does not, here.
CREATE TABLE card (
    token_id uuid PRIMARY KEY REFERENCES token,
    number text NOT NULL DEFAULT '' CHECK (length(number) <= 64),   -- printed on it
    device text NOT NULL DEFAULT '' CHECK (length(device) <= 128),  -- model and serial, as the card says
    origin text NOT NULL CHECK (origin IN ('issued', 'bound')),
    -- prepared: personalised, nobody's yet; its person is the stock's
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'prepared', 'active',
        'suspended', 'lost', 'revoked', 'returned', 'expired')),
    why text NOT NULL DEFAULT '' CHECK (length(why) <= 500),
    lost_at timestamptz,
    -- of a bare key: who accepts that nobody shows us its revocations, and why
    acceptance text NOT NULL DEFAULT '' CHECK (length(acceptance) <= 500),
    temporary_until timestamptz,    -- a card from the pool, for a shift
    guid bytea CHECK (octet_length(guid) = 16),             -- of its CHUID
    attestation jsonb NOT NULL DEFAULT '{}',
    -- escrow: sealed, owner TOKEN
    puk bytea,
    puk_version int REFERENCES keyring_key,
    management bytea,
    management_version int REFERENCES keyring_key,
    challenge bytea CHECK (octet_length(challenge) = 32),   -- its proof to come
    challenge_until timestamptz,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by text NOT NULL DEFAULT session_user
);
CREATE UNIQUE INDEX card_number ON card (number) WHERE number <> '' AND state NOT IN ('revoked', 'returned');
CREATE INDEX ON card (device);
CREATE INDEX ON card (puk_version);
CREATE INDEX ON card (management_version);

-- What a card can prove. key_id is SHA-256 of the SubjectPublicKeyInfo; a key
-- belongs to one card of one person for good.
CREATE TABLE card_key (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_id uuid NOT NULL REFERENCES card,
    slot text NOT NULL CHECK (length(slot) <= 16),          -- 9a, 9c, 9d, 9e, or a PKCS#11 id
    key_id bytea NOT NULL CHECK (octet_length(key_id) = 32),
    spki bytea NOT NULL CHECK (octet_length(spki) BETWEEN 64 AND 1024),
    -- Whether the card asks for its PIN before this key signs, and how we know.
    pin text NOT NULL CHECK (pin IN ('enforced', 'none', 'unknown')),
    pin_known_by text NOT NULL DEFAULT '' CHECK (length(pin_known_by) <= 64),
    certificate bytea CHECK (octet_length(certificate) BETWEEN 64 AND 8192),
    issuer_id uuid REFERENCES issuer,
    serial bytea CHECK (octet_length(serial) BETWEEN 1 AND 21),
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    renew_until timestamptz,        -- the end, once it has signed again
    proven_at timestamptz,          -- it signed our challenge; before: inert
    revoked_at timestamptz,
    revoked_why text NOT NULL DEFAULT '',
    crl_listed bigint,              -- own: number of the first CRL that has it
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (valid_until > valid_from)
);
CREATE INDEX card_key_unlisted ON card_key (issuer_id) WHERE revoked_at IS NOT NULL;
CREATE UNIQUE INDEX card_key_once ON card_key (key_id) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX card_key_serial ON card_key (issuer_id, serial);
CREATE INDEX ON card_key (token_id);
CREATE INDEX ON card_key (key_id);

-- What other issuers have revoked, as their last CRL says. Serial numbers are
-- without leading zeros, as everywhere here.
CREATE TABLE issuer_revoked (
    issuer_id uuid NOT NULL REFERENCES issuer,
    serial bytea NOT NULL CHECK (octet_length(serial) BETWEEN 1 AND 21),
    at timestamptz NOT NULL,
    PRIMARY KEY (issuer_id, serial)
);

-- Whoever records a key: what its issuer has revoked already does not count.
CREATE FUNCTION card_key_is_not_revoked() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM issuer_revoked r
                WHERE r.issuer_id = NEW.issuer_id AND r.serial = NEW.serial) THEN
        PERFORM refuse('certificate_revoked', encode(NEW.serial, 'hex'));
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER not_revoked BEFORE INSERT ON card_key
    FOR EACH ROW EXECUTE FUNCTION card_key_is_not_revoked();

-- Orders about cards, and answers that carry something.
ALTER TABLE order_ DROP CONSTRAINT order__kind_check;
ALTER TABLE order_ ADD CHECK (kind IN ('totp_confirm', 'totp_resync',
    'card_certificate', 'card_prove', 'card_puk', 'card_management', 'ca_init'));
ALTER TABLE order_ ADD COLUMN answer bytea CHECK (octet_length(answer) <= 8192);
-- what is asked of the card CA itself is about nobody
ALTER TABLE order_ ALTER COLUMN person_id DROP NOT NULL, ALTER COLUMN token_id DROP NOT NULL;
ALTER TABLE order_ ADD CHECK ((kind = 'ca_init') = (person_id IS NULL)
    AND (kind = 'ca_init') = (token_id IS NULL));

-- Who a person is to Active Directory: goes into certificates (KB5014754).
ALTER TABLE person ADD COLUMN sid text NOT NULL DEFAULT ''
    CHECK (sid = '' OR sid ~ '^S-1-5-21(-(0|[1-9][0-9]{0,9})){4}$');

INSERT INTO setting (name, value, meaning) VALUES
    ('card.realm', '', 'what follows LOGIN@ in certificates of cards; empty: no such name'),
    ('card.validity_days', '1095', 'how long certificates of cards are valid, in days'),
    ('card.crl_hours', '24', 'hours between two CRLs of the card CA'),
    ('card.crl_url', '', 'where clients find the CRL of the card CA; empty: not said');

RESET ROLE;
