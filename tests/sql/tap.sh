# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# tap.sh - the Test Anything Protocol for scripts, sourced by *.t.
set -uo pipefail
export PGOPTIONS="-c client_min_messages=warning"
tap_n=0
tap_failed=0

ok() { # what, command...: passes if the command does
	local what=$1 out
	shift
	tap_n=$((tap_n + 1))
	if out=$("$@" 2>&1); then
		echo "ok $tap_n - $what"
	else
		tap_failed=1
		echo "not ok $tap_n - $what"
		printf '%s\n' "failed: $*" "$out" | sed 's/^/# /' >&2
	fi
}
is() { # got, wanted, what
	tap_n=$((tap_n + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $tap_n - $3"
	else
		tap_failed=1
		echo "not ok $tap_n - $3"
		printf '# got:    %s\n# wanted: %s\n' "$1" "$2" >&2
	fi
}
fails() { ! "$@"; }
end() {
	echo "1..$tap_n"
	exit $tap_failed
}
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
