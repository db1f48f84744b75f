-- SPDX-License-Identifier: GPL-2.0-or-later
-- The audit sealed in batches: what was signed, and by which leaves it came to
-- be (docs/protocol.md, "The sealed audit"). Append only like the audit itself;
-- whoever gets around that is found by sekisho-audit.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

CREATE TABLE audit_seal (
    batch bigint PRIMARY KEY CHECK (batch > 0),
    first_id bigint NOT NULL,
    last_id bigint NOT NULL CHECK (last_id >= first_id),
    leaves bytea NOT NULL,      -- 8 octets of id and 32 of hash for each event
    statement text NOT NULL,
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    node text NOT NULL DEFAULT '',
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_seal
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- Up to which id nothing can come any more, and what must end first for more.
CREATE TABLE audit_mark (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    safe_id bigint NOT NULL DEFAULT 0,
    mark_id bigint NOT NULL DEFAULT 0,
    running text[] NOT NULL DEFAULT '{}'
);
INSERT INTO audit_mark DEFAULT VALUES;

RESET ROLE;
