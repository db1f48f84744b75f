-- SPDX-License-Identifier: GPL-2.0-or-later
-- RADIUS over TLS: the name that a client's certificate must have.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- A DNS name in lower case; '' is a client that does not come over TLS. One
-- name is one client, so that a certificate never says two things.
ALTER TABLE client ADD COLUMN tls_name text NOT NULL DEFAULT ''
    CHECK (tls_name = '' OR (length(tls_name) <= 253
           AND tls_name ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$'));
CREATE UNIQUE INDEX client_tls_name ON client (tls_name)
    WHERE status = 'active' AND tls_name <> '';

RESET ROLE;
