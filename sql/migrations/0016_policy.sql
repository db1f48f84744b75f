-- SPDX-License-Identifier: GPL-2.0-or-later
-- What else decides whether an entry counts, and what can be said about it.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- What the first round reads (attempt_ground) grows. A login in progress that
-- was begun under the old shape is begun again.
DELETE FROM login;
ALTER TABLE login DROP COLUMN view;
-- why an entry that is there does not carry a login (common/rules/first.h)
ALTER TYPE attempt_view ADD ATTRIBUTE door_fault text;
ALTER TABLE login ADD COLUMN view attempt_view NOT NULL;

RESET ROLE;
