#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Many sessions at once, each a worker somewhere: what must happen once
# happens once, and nothing outruns the counter.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/sql/tap.sh
. "$here/tap.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pgbench=/usr/lib/postgresql/15/bin/pgbench

PGDATABASE=postgres sql -c 'DROP DATABASE IF EXISTS parallel' -c 'CREATE DATABASE parallel TEMPLATE sekisho'
PGDATABASE=postgres sql -c 'ALTER DATABASE parallel SET search_path = t, sekisho'
export PGDATABASE=parallel
sql -f "$here/words.psql" -c 'CREATE TABLE t.result (what text, got text, at timestamptz DEFAULT clock_timestamp())' \
	-c 'CREATE TABLE t.seen (login text PRIMARY KEY, view jsonb)' >/dev/null

# Runs a statement in 16 sessions, so many times each.
# shellcheck disable=SC2317 # called by ok
crowd() { # name, times, statement
	echo "$3" >"$work/$1.sql"
	"$pgbench" -n -c 16 -j 2 -t "$2" -f "$work/$1.sql" >"$work/$1.log" 2>&1 ||
		{ sed 's/^/# /' "$work/$1.log" >&2; return 1; }
}
count() { sql -c "SELECT count(*) FROM t.result WHERE what = '$1' AND got LIKE '$2'"; }

# All of them read before any of them recorded.
sql -c "INSERT INTO t.seen SELECT l, t.read(l, 'vpn') FROM unnest('{sato,suzuki}'::text[]) l"
ok "eighty guesses at once" crowd guesses 5 "
INSERT INTO t.result SELECT 'guess', t.record('sato', 'vpn', 'reject', 'wrong_password',
    '{knowledge}', '{knowledge}', ARRAY[gen_random_uuid()::text], p_view => view)
  FROM t.seen WHERE login = 'sato';"
is "$(count guess '%')" 80 "are answered"
spent=$(sql -c "SELECT 1 + floor(extract(epoch FROM max(at) - min(at)) / 5) FROM t.result WHERE what = 'guess'")
is "$(count guess 'reject wrong_password %')" "$spent" "d4_1: one was evaluated, whatever they all had read"
is "$(count guess 'reject delay_running %')" $((80 - spent)) "d4_1: all others came inside its delay"
is "$(sql -c "SELECT t.counters(t.person_id('sato'), 'outside')")" "$spent $spent -" "d4_1: and were not counted"
is "$(sql -c "SELECT count FROM sekisho.refusal_tally WHERE login = 'sato'")" $((80 - spent)) "but summed up, none lost"
is "$(sql -c "SELECT count(*) FROM sekisho.audit WHERE login = 'sato' AND kind = 'login'")" "$spent" "in one line"

ok "a right one after the first wrong one" crowd right 1 "
INSERT INTO t.result SELECT 'late', t.record('sato', 'vpn', 'accept', 'two_factors',
    '{knowledge,possession}', p_evidence => t.both(), p_token => t.id('sato/t'),
    p_step => 1000 + :client_id, p_view => view) FROM t.seen WHERE login = 'sato';"
is "$(count late 'accept %')" 0 "d4_1: is refused, whatever it holds"

# One that is being recorded, and one that comes before it is committed.
during() { # person, what comes meanwhile
	sql -c "SELECT t.person('$1')" -c "SELECT t.wrong('$1', 'vpn', 'first')" \
		-c "SELECT t.pass('1 minute')" >/dev/null
	sql -c "BEGIN; SELECT t.wrong('$1', 'vpn', 'second'); SELECT pg_sleep(1); COMMIT" >/dev/null &
	local turns=0
	until [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" = 1 ] ||
		((++turns > 500)); do
		sleep 0.02
	done
	sql -c "SELECT $2" | cut -d' ' -f1,2
	wait
}
is "$(during abe "t.wrong('abe', 'wlan', 'third')")" 'reject delay_running' \
	"d4_1: a guess waits for the one before it, and for its delay"
is "$(during endo "t.right('endo', 'wlan', 1000)")" 'reject delay_running' "d4_1: and so does a right one"

ok "one code sixteen times at once" crowd code 1 "
INSERT INTO t.result SELECT 'code', t.right('suzuki', CASE WHEN :client_id % 2 = 0 THEN 'w3' ELSE 'vpn' END, 1000);"
is "$(count code 'accept two_factors 0')" 1 "is good once"
is "$(count code 'reject code_spent 0')" 15 "and spent for all others"

sql -c "SELECT t.challenge('suzuki', 'w3', 'state')" >/dev/null
ok "one State sixteen times at once" crowd state 1 "
INSERT INTO t.result SELECT 'state', t.code('suzuki', 'w3', 'state', 2000 + :client_id);"
is "$(count state 'accept two_factors 0')" 1 "is good once"
is "$(count state 'reject state_spent 0')" 15 "and spent for all others"

ok "a hundred and sixty first failures of an unknown name" crowd nobody 10 "
INSERT INTO t.result SELECT 'nobody', t.wrong('nobody', 'w3', gen_random_uuid()::text);"
spent=$(sql -c "SELECT 1 + floor(extract(epoch FROM max(at) - min(at)) / 5) FROM t.result WHERE what = 'nobody'")
is "$(count nobody 'reject wrong_password %')" "$spent" "d4_1: count like those of a person"

ok "sixteen keyrings at once" crowd publish 1 "
INSERT INTO t.result SELECT 'publish', sekisho.keyring_publish(2, t.bytes('key ' || :client_id, 32))::text;"
is "$(count publish true)" 1 "one of them publishes"
is "$(sql -c "SELECT count(*) FROM sekisho.keyring_key WHERE status = 'current'")" 1 "one is current"

sql -c "UPDATE sekisho.verifier SET sealed = 'old' WHERE id = t.id('suzuki/p')"
ok "sixteen clerks seal one box anew" crowd reseal 1 "
INSERT INTO t.result SELECT 'reseal', sekisho.box_reseal('password', t.id('suzuki/p'), 'old', convert_to('new ' || :client_id, 'UTF8'), 2)::text;"
is "$(count reseal true)" 1 "one of them does"

sql -c "SELECT sekisho.totp_enrol('suzuki', t.id('new'), '', 'SHA1', 6, 30, 'b', 1)" \
	-c "SELECT sekisho.order_place(t.id('o'), 'totp_confirm', 'suzuki', t.id('new'), 'a', 1)" >/dev/null
ok "sixteen clerks finish one order" crowd finish 1 "SELECT sekisho.order_finish(t.id('o'), true, '', 50 + :client_id, 0);"
is "$(sql -c "SELECT count(*) FROM sekisho.audit WHERE kind = 'order'")" 1 "it is finished once"

# Two statements of whom the second waits for the first, in the order in which
# it asks: what holds the first (a lock, a pause) goes in the middle.
waiting() { # how many sessions wait for a lock
	local turns=0
	until [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE datname = 'parallel' AND wait_event_type = 'Lock'")" = "$1" ] ||
		((++turns > 500)); do
		sleep 0.02
	done
}
pausing() { # until a session sleeps
	local turns=0
	until [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" = 1 ] ||
		((++turns > 500)); do
		sleep 0.02
	done
}

# A code token is suspended while a login with it is recorded.
sql -c "SELECT t.person('ono')" >/dev/null
sql -c "BEGIN; SELECT FROM sekisho.token WHERE id = t.id('ono/t') FOR UPDATE; SELECT pg_sleep(1); COMMIT" >/dev/null &
pausing
sql -c "SELECT sekisho.token_status('ono', t.id('ono/t'), 'suspended')" >"$work/suspended" 2>&1 &
waiting 1
sql -c "SELECT t.right('ono', 'w3', 1000)" >"$work/login" 2>&1
wait
is "$(jq -r .status <"$work/suspended" 2>&1)" suspended "a code token is suspended while somebody logs in with it"
is "$(cat "$work/login")" 'reject changed_meanwhile 0' "which is refused"

# A policy becomes stricter while a client is put under it.
sql -c "SELECT sekisho.policy_set('strict')" >/dev/null
sql -c "BEGIN; SELECT sekisho.policy_set('strict', '{card,pin}'); SELECT pg_sleep(1); COMMIT" >/dev/null &
pausing
sql -c "SELECT sekisho.client_set('wlan', p_policy => 'strict')" \
	-c "INSERT INTO t.seen VALUES ('ono', t.read('ono', 'wlan'))" >/dev/null
wait
is "$(sql -c "SELECT t.record('ono', 'wlan', 'accept', 'two_factors', '{knowledge,possession}', p_evidence => t.both(),
        p_view => view) || ' ' || (view -> 'policy_methods') FROM t.seen WHERE login = 'ono'")" \
	'accept two_factors 0 ["card", "pin"]' "what is read of a client is never a policy that has ended"
sql -c "DELETE FROM t.seen WHERE login = 'ono'"

# Everything at once for some seconds: no deadlock, no lost error.
sql -c "UPDATE sekisho.throttle_rule SET delay_step = 0, lock_for = 0, hard_after = 100" \
	-c "CREATE SEQUENCE t.steps START 10000" -c "SELECT t.person('busy')" >/dev/null
cat >"$work/wrong.sql" <<'SQL'
SELECT t.wrong('busy', 'w3', gen_random_uuid()::text);
SQL
cat >"$work/right.sql" <<'SQL'
SELECT t.right('busy', 'w4', nextval('t.steps'));
SQL
cat >"$work/second.sql" <<'SQL'
SELECT t.challenge('busy', 'vpn', :client_id || ' ' || nextval('t.steps')) AS c \gset
SQL
cat >"$work/office.sql" <<'SQL'
\set what random(1, 6)
SELECT CASE :what WHEN 1 THEN sekisho.unlock('busy', 'possession')
    WHEN 2 THEN sekisho.password_set('busy', gen_random_uuid(), t.bytes('s', 16), 2, 64, 'b', 2, 8,
        (sekisho.proof_add('busy', 'password_reset', 'in_person', 'a licence') ->> 'id')::bigint)
    WHEN 3 THEN sekisho.client_set('w4', p_lang => 'en')
    WHEN 4 THEN sekisho.person_show('busy')
    WHEN 5 THEN sekisho.client_set('w4', p_policy => 'terminal')
    ELSE sekisho.policy_set('terminal', p_idle_timeout => 600) END;
SQL
cat >"$work/clerk.sql" <<'SQL'
SELECT sekisho.housekeeping();
SQL
ok "guesses, logins, operators and the clerk at once" "$pgbench" -n -c 16 -j 2 -T 4 --max-tries=1 \
	-f "$work/wrong.sql@6" -f "$work/right.sql@6" -f "$work/second.sql@4" \
	-f "$work/office.sql@2" -f "$work/clerk.sql@1"
is "$(sql -c "SELECT count(*) FROM sekisho.verifier v JOIN sekisho.person p ON p.id = v.person_id
    WHERE p.login = 'busy' AND v.status = 'active'")" 1 "and one password is active after it"
PGDATABASE=postgres sql -c 'DROP DATABASE parallel'
end
