-- SPDX-License-Identifier: GPL-2.0-or-later
-- Guideline C.14 (4), last sentence: whichever rule is used, somebody confirms that
-- passwords are safe as a whole. Again each year, and after each weakening.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

CREATE TABLE policy_confirmation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    officer text NOT NULL DEFAULT session_user,
    note text NOT NULL CHECK (length(btrim(note)) BETWEEN 3 AND 4000),
    -- the rules that were confirmed, as they were
    rules jsonb NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON policy_confirmation
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON policy_confirmation
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TABLE policy_weakening (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    officer text NOT NULL DEFAULT session_user,
    what text NOT NULL,
    before text NOT NULL,
    after text NOT NULL
);

-- What person_import works on; empty outside of its transaction.
CREATE TABLE import_row (
    line int, login text, name text, kana text, forms text[], lang text, kind text, birth date,
    staff_number text, rule text, unit text, sponsor text, since timestamptz, until timestamptz,
    pledge date, training date, contract date, done text
);

RESET ROLE;
