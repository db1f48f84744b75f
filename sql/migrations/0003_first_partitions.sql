-- SPDX-License-Identifier: GPL-2.0-or-later
-- The default partition takes what no month has been made for (a clock far
-- off), so that a decision is never lost for want of one.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;
CREATE TABLE audit_default PARTITION OF audit DEFAULT;
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit_default
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
RESET ROLE;
