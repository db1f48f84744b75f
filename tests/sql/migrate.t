#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sekisho-migrate: twice, from several nodes at once, killed, altered.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/sql/tap.sh
. "$here/tap.sh"
migrate=$here/../../sql/sekisho-migrate
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fresh() { # an empty database of that name, and the one to speak to
	PGDATABASE=postgres sql -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1"
	export PGDATABASE=$1
}
applied() { sql -c "SELECT string_agg(number::text, ' ' ORDER BY number) FROM sekisho_meta.migration"; }
all=$(find "$here/../../sql/migrations" -name '[0-9]*.sql' -printf '%f\n' | sort |
	sed 's/_.*//; s/^0*//' | paste -sd' ')
# What a database consists of, but for when and in which order it was made.
shape() {
	pg_dump --schema-only --schema=sekisho | grep -vE '^(--|[\\])' | sort | sha256sum
}

fresh migrate_once
ok "an empty database is not up to date" fails "$migrate" --check
ok "the first time" "$migrate"
is "$(applied)" "$all" "every migration was applied"
ok "now it is up to date" "$migrate" --check
first=$(shape)
before=$(sql -c "SELECT xmin, * FROM sekisho_meta.migration" -c "SELECT xmin FROM pg_proc WHERE pronamespace = 'sekisho'::regnamespace")
is "$("$migrate" 2>&1)" "" "the second time says nothing"
is "$(sql -c "SELECT xmin, * FROM sekisho_meta.migration" -c "SELECT xmin FROM pg_proc WHERE pronamespace = 'sekisho'::regnamespace")" \
	"$before" "and writes nothing"
is "$(sql -c "SELECT count(*) FROM sekisho.policy")" 4 "rows of a migration are there once"

fresh migrate_at_once
pids=()
for n in 1 2 3 4 5; do
	"$migrate" >"$work/out$n" 2>&1 &
	pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=$((failed + 1)); done
is "$failed" 0 "five at once on an empty database all succeed"
is "$(cat "$work"/out* | grep -c 'applied 0001')" 1 "one of them did the work"
is "$(shape)" "$first" "and made what one alone makes"
ok "which is up to date" "$migrate" --check

# From wherever it was unpacked.
cp -r "$here/../../sql" "$work/a folder with blanks"
fresh migrate_blanks
ok "from a folder with blanks" "$work/a folder with blanks/sekisho-migrate"
is "$(shape)" "$first" "it makes the same"

# A copy with a migration that takes its time, killed in the middle of it.
cp -r "$here/../../sql" "$work/sql"
printf '%s\n' 'CREATE TABLE sekisho.half (x int);' 'SELECT pg_sleep(2);' \
	'CREATE TABLE sekisho.other_half (x int);' >"$work/sql/migrations/0900_slow.sql"
fresh migrate_killed
SEKISHO_SQL=$work/sql setsid "$migrate" >"$work/out" 2>&1 &
victim=$!
for _ in $(seq 200); do
	[ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE query ~ 'pg_sleep' AND datname = 'migrate_killed' AND pid <> pg_backend_pid()")" = 1 ] && break
	sleep 0.02
done
ok "a migration is running" kill -0 "$victim"
kill -9 -- "-$victim"
wait "$victim" 2>/dev/null
is "$(sql -c "SELECT to_regnamespace('sekisho') IS NULL")" t "killed, it left nothing at all"
ok "the next one waits for what is left of it" "$migrate"
is "$(applied)" "$all" "and applies everything"
is "$(shape)" "$first" "whole"
ok "with the slow one, unharmed" env SEKISHO_SQL="$work/sql" "$migrate"
is "$(applied)" "$all 900" "which comes after what was there"
is "$(sql -c "SELECT to_regclass('sekisho.other_half') IS NOT NULL")" t "whole as well"
ok "a database of a later version is not that of this one" fails "$migrate" --check

# A database in use when the clerk's role came: the old programs go on until
# the administrator says that the last of them is gone.
cp -r "$here/../../sql" "$work/before"
rm "$work"/before/migrations/00{09,1?,2?,3?}_*.sql
# of its functions only what the script itself needs: today's need today's tables
find "$work/before/functions" -name '*.sql' ! -name refuse.sql ! -name audit_partition.sql -delete
fresh migrate_clerk
ok "a version without the clerk's role" env SEKISHO_SQL="$work/before" "$migrate"
sql -c "INSERT INTO sekisho.keyring_key (version, public_key) VALUES (1, sha256('x'))" \
	-c "CREATE FUNCTION sekisho.card_prove_finish(uuid, bytea, bytea[]) RETURNS text LANGUAGE sql AS 'SELECT NULL'" \
	-c "CREATE FUNCTION sekisho.issuer_crl(text) RETURNS text LANGUAGE sql AS 'SELECT NULL'" \
	-c "GRANT EXECUTE ON FUNCTION sekisho.card_prove_finish(uuid, bytea, bytea[]), sekisho.audit_partition(date) TO sekisho_authd" \
	-c "GRANT EXECUTE ON FUNCTION sekisho.issuer_crl(text) TO sekisho_operator"
ok "is upgraded" "$migrate"
can() { sql -c "SELECT has_function_privilege('sekisho_authd', 'sekisho.$1', 'EXECUTE')"; }
is "$(can 'housekeeping()')" t "until all nodes are, workers' role may what the clerk's may"
sql -c "REVOKE sekisho_clerk FROM sekisho_authd"
is "$(can 'housekeeping()')" f "then it may not"
is "$(can 'audit_partition(date)')" f "nor what it once was granted itself"
is "$(sql -c "SELECT count(*) FROM (SELECT proname FROM pg_proc WHERE pronamespace = 'sekisho'::regnamespace GROUP BY 1 HAVING count(*) > 1) x")" \
	0 "no function is left in two forms"
is "$(can 'attempt_wait(uuid, text, text)')" t "but what workers need"
ok "the next run" "$migrate"
is "$(can 'housekeeping()')" f "does not give it back"

# Killed when nobody is left to send COMMIT: the end of input is no end.
fresh migrate_cut
printf 'SELECT 1/0;\n' >"$work/sql/migrations/0900_slow.sql"
ok "a migration that fails" fails env SEKISHO_SQL="$work/sql" "$migrate"
is "$(sql -c "SELECT to_regnamespace('sekisho') IS NULL")" t "leaves nothing"

# History is not rewritten.
fresh migrate_altered
ok "a first version" "$migrate"
rm "$work/sql/migrations/0900_slow.sql"
echo '-- one more thing' >>"$work/sql/migrations/0002_model.sql"
printf 'CREATE TABLE sekisho.later (x int);\n' >"$work/sql/migrations/0901_later.sql"
is "$(SEKISHO_SQL=$work/sql "$migrate" 2>&1 | grep -c 'migration 0002_model was changed after it was applied')" \
	1 "a migration changed after it was applied is named"
ok "and refused" fails env SEKISHO_SQL="$work/sql" "$migrate"
is "$(sql -c "SELECT to_regclass('sekisho.later') IS NULL")" t "with all that follows it"

# Functions are put in place whenever they change.
cp "$here/../../sql/migrations/0002_model.sql" "$work/sql/migrations/"
rm "$work/sql/migrations/0901_later.sql"
echo '-- a comment' >>"$work/sql/functions/operator/zone_list.sql"
ok "another function is not up to date" fails env SEKISHO_SQL="$work/sql" "$migrate" --check
is "$(SEKISHO_SQL=$work/sql "$migrate")" "functions are up to date" "it is put in place"
ok "and then it is" env SEKISHO_SQL="$work/sql" "$migrate" --check

ok "an unknown argument is a usage error" bash -c "'$migrate' --chekc; [ \$? = 2 ]"
for name in clerk once at_once blanks killed cut altered; do
	PGDATABASE=postgres sql -c "DROP DATABASE migrate_$name"
done
end
