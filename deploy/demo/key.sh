# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What quickstart shows of FIDO2 keys: one is enrolled at the desk and used at a
# terminal through PAM. The key is software (tests/rigs/fido2key); libfido2 and
# all behind it are real. Sourced by quickstart after common.sh and card.sh.

key_pin=483920

key_folder() {
	local dir
	dir=$(demo_folder)/key
	((${#dir} <= 80)) || dir=/tmp/sekisho-key.$(printf %s "$project" | cksum | cut -d' ' -f1)
	printf '%s\n' "$dir"
}

stop_key() {
	local dir
	dir=$(key_folder)
	[ ! -e "$dir/pid" ] || kill "$(cat "$dir/pid")" 2>/dev/null || true
	rm -f "$dir/pid" "$dir/key" "$dir/control"
}

start_key() {
	local dir i
	dir=$(key_folder)
	stop_key
	mkdir -p "$dir"
	[ "$(id -u)" -ne 0 ] || chown nobody "$dir"
	chmod 755 "$dir"
	"$project/build/release/tests/rigs/fido2key" --socket "$dir/key" --state "$dir/state.json" \
		--control "$dir/control" --pin "$key_pin" --touch-ms 50 >"$dir/log" 2>&1 </dev/null &
	echo $! >"$dir/pid"
	for i in $(seq 100); do
		[ ! -S "$dir/key" ] || break
		[ "$i" != 100 ] || fail "ソフトウェアの FIDO2 キーを起動できません" "The FIDO2 key in software cannot be started"
		sleep 0.05
	done
}

show_key() {
	local dir
	dir=$(key_folder)
	start_key
	admin person show kimura >/dev/null 2>&1 ||
		admin person add kimura --name '木村 直子' --lang "$demo_lang" >/dev/null
	[ "$(admin setting list --json | jq -r '.[] | select(.name == "fido2.rp_id") | .value')" = sekisho.example ] ||
		admin setting set fido2.rp_id sekisho.example >/dev/null
	if [ "$(admin fido2 list kimura --json | jq 'any(.state == "active")')" != true ]; then
		printf '%s\n' "$key_pin" | admin fido2 enrol kimura --label 'demonstration' \
			--device "socket:$dir/key" --json >/dev/null 2>>"$instance/log/fido2.log" ||
			fail "FIDO2 キーを登録できません" "The FIDO2 key cannot be enrolled; see $instance/log/fido2.log"
	fi
	{
		grep -v '^fido2' "$instance/terminal/pam_sekisho.conf"
		echo 'fido2 = true;'
		[ "$(id -u)" -ne 0 ] || echo 'fido2_user = "nobody";'
		echo "fido2_devices = [ \"socket:$dir/key\" ];"
	} >"$instance/terminal/pam_sekisho.conf.new"
	mv "$instance/terminal/pam_sekisho.conf.new" "$instance/terminal/pam_sekisho.conf"
	chmod 644 "$instance/terminal/pam_sekisho.conf"
	rig remove "$(rig_folder)" kobayashi >/dev/null 2>&1 || true
	step "● 木村さん: FIDO2 キーと PIN(キーはソフトウェアの代役。libfido2 から先は本物)" \
		"* kimura: a FIDO2 key and its PIN (the key is a stand-in in software; libfido2 and all behind it are real)"
	at_terminal kimura "$key_pin"
	shown accept "$screen → $(say 'ログイン完了' 'logged in')" kimura \
		"$(say 'C.13・D.5 キー(所持)と、キー自身が確かめる PIN(記憶)' 'C.13, D.5: the key (possession) and the PIN that the key itself checks (knowledge)')"
	rig insert "$(rig_folder)" kobayashi >/dev/null 2>&1 || true
}
