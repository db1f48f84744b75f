-- SPDX-License-Identifier: GPL-2.0-or-later
-- The data model. docs/architecture.md, "What PostgreSQL remembers", draws it.
-- Later factors (cards, FIDO2, doors) add rows and methods, not tables that
-- say the same again.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- Numbers of the installation that are not policy of one client.
CREATE TABLE setting (
    name text PRIMARY KEY,
    value text NOT NULL,
    meaning text NOT NULL
);
INSERT INTO setting (name, value, meaning) VALUES
    ('password.opslimit', '2', 'Argon2id passes for new password hashes'),
    ('password.memlimit_kib', '19456', 'Argon2id memory for new password hashes, KiB'),
    ('tally_seconds', '60', 'refusals inside a delay are summed up this long');

-- Who. login is canonical: NFKC, case folded, see common/rules/name.h.
-- version grows with every change that weakens or ends something.
CREATE TABLE person (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    login text NOT NULL UNIQUE CHECK (length(login) BETWEEN 1 AND 64),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    kana text NOT NULL DEFAULT '' CHECK (length(kana) <= 200),
    lang text NOT NULL DEFAULT 'ja' CHECK (lang IN ('ja', 'en')),
    kind text NOT NULL DEFAULT 'staff' CHECK (kind IN ('staff', 'operator', 'maintenance')),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'left')),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Why someone is here, vouched for by whom, from when until when. Nothing of
-- a person works outside every affiliation (guideline 6.6 C.1).
CREATE TABLE affiliation (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person_id uuid NOT NULL REFERENCES person,
    unit text NOT NULL DEFAULT '',
    sponsor text NOT NULL DEFAULT '',
    valid_from timestamptz NOT NULL DEFAULT clock_timestamp(),
    valid_until timestamptz,
    CHECK (valid_until IS NULL OR valid_until > valid_from)
);
CREATE INDEX ON affiliation (person_id);

-- The keyring's public keys; only the keyring has the secret halves.
CREATE TABLE keyring_key (
    version int PRIMARY KEY CHECK (version > 0),
    public_key bytea NOT NULL UNIQUE CHECK (octet_length(public_key) = 32),
    status text NOT NULL DEFAULT 'current' CHECK (status IN ('current', 'old', 'retired')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX keyring_one_current ON keyring_key (status) WHERE status = 'current';

-- A password: Argon2id salt and cost in clear, its tag sealed (C.14 (1), (3)).
CREATE TABLE verifier (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    salt bytea NOT NULL CHECK (octet_length(salt) = 16),
    opslimit int NOT NULL CHECK (opslimit BETWEEN 1 AND 16),
    memlimit_kib int NOT NULL CHECK (memlimit_kib BETWEEN 8 AND 1048576),
    sealed bytea NOT NULL,
    key_version int NOT NULL REFERENCES keyring_key,
    must_change boolean NOT NULL DEFAULT false,
    set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by text NOT NULL DEFAULT session_user,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'revoked'))
);
CREATE UNIQUE INDEX verifier_one_active ON verifier (person_id) WHERE status = 'active';
CREATE INDEX ON verifier (key_version);

-- Something a person holds. pending: inert until its holder has proved it.
-- Its rules are those of domains, not CHECKs of the table: each login updates
-- last_step, and PostgreSQL would read and evaluate every CHECK again for it.
CREATE DOMAIN token_method AS text CHECK (VALUE IN ('totp'));
CREATE DOMAIN token_label AS text CHECK (length(VALUE) <= 64);
CREATE DOMAIN token_status AS text
    CHECK (VALUE IN ('pending', 'active', 'suspended', 'revoked'));
CREATE DOMAIN totp_algorithm AS text CHECK (VALUE IN ('SHA1', 'SHA256', 'SHA512'));
CREATE DOMAIN totp_digits AS smallint CHECK (VALUE IN (6, 8));
CREATE DOMAIN totp_period AS smallint CHECK (VALUE IN (30, 60));
CREATE TABLE token (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    method token_method NOT NULL,
    label token_label NOT NULL DEFAULT '',
    status token_status NOT NULL DEFAULT 'pending',
    -- of a one-time code (RFC 6238); its seed is sealed
    algorithm totp_algorithm,
    digits totp_digits,
    period totp_period,
    sealed bytea,
    key_version int REFERENCES keyring_key,
    last_step bigint NOT NULL DEFAULT 0,
    drift int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user
) WITH (fillfactor = 80); -- room for the next last_step on the same page
CREATE INDEX ON token (person_id);
CREATE INDEX ON token (key_version);

CREATE TABLE zone (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    version bigint NOT NULL DEFAULT 1
);

-- What a login at a client needs. Two categories are a floor in decide(),
-- not in this table: a row can ask for more, never for less (C.13).
CREATE TABLE policy (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    methods text[] NOT NULL DEFAULT '{password,totp}'
        CHECK (methods <@ '{password,totp}'::text[]),
    state_seconds int NOT NULL DEFAULT 120 CHECK (state_seconds BETWEEN 10 AND 600),
    totp_window smallint NOT NULL DEFAULT 1 CHECK (totp_window BETWEEN 0 AND 5),
    session_timeout int NOT NULL DEFAULT 0 CHECK (session_timeout BETWEEN 0 AND 604800),
    idle_timeout int NOT NULL DEFAULT 0 CHECK (idle_timeout BETWEEN 0 AND 86400),
    version bigint NOT NULL DEFAULT 1
);
INSERT INTO policy (name, session_timeout, idle_timeout) VALUES
    ('terminal', 43200, 900), ('vpn', 28800, 1800), ('wlan', 28800, 0), ('door', 0, 0);

-- How long to refuse after failures (D.4), per scope and category.
CREATE TABLE throttle_rule (
    scope text NOT NULL CHECK (scope IN ('inside', 'outside', 'client')),
    category text NOT NULL CHECK (category IN ('knowledge', 'possession', 'inherence')),
    delay_step int NOT NULL DEFAULT 5 CHECK (delay_step BETWEEN 0 AND 600),
    delay_max int NOT NULL DEFAULT 60 CHECK (delay_max BETWEEN 0 AND 3600),
    lock_after int NOT NULL DEFAULT 5 CHECK (lock_after BETWEEN 1 AND 100),
    lock_for int NOT NULL DEFAULT 900 CHECK (lock_for BETWEEN 0 AND 86400),
    hard_after int NOT NULL DEFAULT 20 CHECK (hard_after BETWEEN 1 AND 100),
    rebind_after int NOT NULL DEFAULT 100 CHECK (rebind_after BETWEEN 1 AND 100),
    PRIMARY KEY (scope, category)
);
INSERT INTO throttle_rule (scope, category)
    SELECT s, c FROM unnest('{inside,outside,client}'::text[]) s,
                     unnest('{knowledge,possession,inherence}'::text[]) c;

-- A RADIUS client: found by address, proved by its secret.
CREATE TABLE client (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    address cidr NOT NULL,
    kind text NOT NULL CHECK (kind IN ('terminal', 'vpn', 'wlan', 'door')),
    zone_id uuid REFERENCES zone,
    policy_id uuid NOT NULL REFERENCES policy,
    codes text NOT NULL DEFAULT 'either' CHECK (codes IN ('prompt', 'append', 'either')),
    show_first boolean NOT NULL,
    lang text NOT NULL DEFAULT 'ja' CHECK (lang IN ('ja', 'en')),
    -- Until then requests without Message-Authenticator are taken (BlastRADIUS).
    no_ma_until timestamptz,
    no_ma_reason text NOT NULL DEFAULT '',
    sealed bytea NOT NULL,
    key_version int NOT NULL REFERENCES keyring_key,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'removed')),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (no_ma_until IS NULL OR
           (masklen(address) = CASE family(address) WHEN 4 THEN 32 ELSE 128 END
            AND no_ma_reason <> ''))
);
CREATE UNIQUE INDEX client_name ON client (name) WHERE status = 'active';
CREATE UNIQUE INDEX client_address ON client (address) WHERE status = 'active';
CREATE INDEX ON client (key_version);

-- Proofs of identity that outlive the login they were given in (an entry
-- through a door). Others live in their login's audit event.
CREATE TABLE evidence (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    category text NOT NULL CHECK (category IN ('knowledge', 'possession', 'inherence', 'none')),
    method text NOT NULL,
    assurance text NOT NULL,
    purpose text NOT NULL,
    client_id uuid REFERENCES client,
    zone_id uuid REFERENCES zone,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    until timestamptz NOT NULL,
    event text NOT NULL
);
CREATE INDEX ON evidence (person_id, until);

-- A login in progress: any node can take its next round, once. No foreign
-- keys: each would lock the one row of a busy client for every login, and
-- persons and clients are never deleted. No index on expires_at either: while
-- the table is nearly empty the planner likes it as much as the primary key,
-- and a plan made then reads every login in progress to find one.
CREATE TABLE login (
    state_hash bytea PRIMARY KEY,
    subject uuid NOT NULL,
    person_id uuid,
    login text NOT NULL,
    client_id uuid NOT NULL,
    purpose text NOT NULL,
    -- what is proven so far; empty where a wrong first factor is not shown
    evidence jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Failures. subject is a person or a bucket of unknown names; the head row is
-- locked first, so that attempts at one subject are decided one at a time.
CREATE TABLE throttle_head (
    subject uuid PRIMARY KEY
);
CREATE TABLE throttle (
    subject uuid NOT NULL REFERENCES throttle_head,
    scope text NOT NULL,        -- inside, outside or client/UUID
    category text NOT NULL,
    failures int NOT NULL DEFAULT 0,    -- since the last accept or unlock
    total int NOT NULL DEFAULT 0,       -- since the last accept or rebinding
    last_failure timestamptz,
    not_before timestamptz,
    hard text CHECK (hard IN ('operator', 'rebind')),
    digests bytea[] NOT NULL DEFAULT '{}',      -- keyed, of the last wrong ones
    PRIMARY KEY (subject, scope, category)
);

-- Refusals inside a running delay, summed up until the clerk writes them to
-- the audit; so a flood costs one row, not one per packet.
CREATE TABLE refusal_tally (
    subject uuid NOT NULL,
    scope text NOT NULL,
    client_id uuid NOT NULL,
    reason text NOT NULL,
    login text NOT NULL,
    person_id uuid,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    count bigint NOT NULL,
    ref text NOT NULL,
    node text NOT NULL,
    PRIMARY KEY (subject, scope, client_id, reason)
) WITH (fillfactor = 50);

-- Where a person has logged in lately: such a person never queues behind a
-- flood from the same gateway.
CREATE TABLE familiar (
    person_id uuid NOT NULL,    -- no foreign keys: see login
    client_id uuid NOT NULL,
    last_on date NOT NULL,
    PRIMARY KEY (person_id, client_id)
);

-- What operators ask of the keyring: executed once, by the clerk.
CREATE TABLE order_ (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('totp_confirm', 'totp_resync')),
    person_id uuid NOT NULL REFERENCES person,
    token_id uuid NOT NULL REFERENCES token,
    args bytea NOT NULL CHECK (octet_length(args) <= 4096),
    key_version int NOT NULL REFERENCES keyring_key,
    status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'done', 'refused', 'expired')),
    reason text NOT NULL DEFAULT '',
    placed_by text NOT NULL DEFAULT session_user,
    placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at timestamptz
);
CREATE INDEX ON order_ (placed_at) WHERE status = 'new';

-- Every decision and every act of an operator, append only, by month.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,         -- login, admin, order, system
    login text,
    person_id uuid,
    client_id uuid,
    purpose text,
    scope text,
    outcome text NOT NULL,      -- accept, reject, done, refused, ...
    reason text NOT NULL,
    evidence jsonb NOT NULL DEFAULT '[]',
    ref text,
    count bigint NOT NULL DEFAULT 1,
    until timestamptz,          -- of a sum: the last of them
    node text NOT NULL DEFAULT '',
    actor text NOT NULL DEFAULT session_user,
    detail jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_ref ON audit (ref) WHERE ref IS NOT NULL;
CREATE INDEX audit_login ON audit (login, at);

CREATE FUNCTION audit_is_append_only() RETURNS trigger
    LANGUAGE plpgsql SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append only' USING ERRCODE = 'SK002';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();

RESET ROLE;
