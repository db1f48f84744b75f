# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What quickstart shows of doors: an entry is one factor, the password at a
# terminal inside is the other. Sourced by quickstart after common.sh
# and card.sh.
# shellcheck disable=SC2034 # ask_from is read in common.sh

# A ward with one door, a terminal in it, and the hospital's VPN gateway.
make_ward() {
	local name address kind more lang clients
	[ -e "$demo/ward.done" ] || {
		admin zone list --json | jq -e 'any(.name == "ward-3")' >/dev/null || admin zone add ward-3 >/dev/null
		admin door list --json | jq -e 'any(.name == "ward-3 entrance")' >/dev/null ||
			admin door add 'ward-3 entrance' --to ward-3 --in card --out card >/dev/null
		admin policy set demo-ward --methods password,totp,card,pin,door >/dev/null
		admin policy set demo-vpn --methods password,totp,card,pin,door >/dev/null
		touch "$demo/ward.done"
	}
	clients=$(admin client list --json)
	while read -r name address kind more; do
		lang=$(jq -r --arg name "$name" '.[] | select(.name == $name) | .lang' <<<"$clients")
		if [ -z "$lang" ]; then
			# shellcheck disable=SC2086 # options, apart by blanks
			printf '%s\n' "$SEKISHO_SECRET" | admin client add "$name" --address "$address/32" \
				--kind "$kind" --lang "$demo_lang" $more --secret-stdin >/dev/null
		elif [ "$lang" != "$demo_lang" ]; then
			admin client set "$name" --lang "$demo_lang" >/dev/null
		fi
	done <<-CLIENTS
		demo-ward 127.0.0.2 terminal --zone ward-3 --policy demo-ward
		demo-vpn 127.0.0.3 vpn --zone ward-3 --policy demo-vpn
		demo-door 127.0.0.4 door
	CLIENTS
	[ -e "$demo/readers.done" ] || {
		admin door reader-add 'ward-3 entrance' 'ward-3 in' --client demo-door --side in >/dev/null
		admin door reader-add 'ward-3 entrance' 'ward-3 out' --client demo-door --side out >/dev/null
		touch "$demo/readers.done"
	}
}

# The reader on either side of the door: the program of a real door, at the two
# virtual readers. What opens is a line in a file.
start_door() {
	local user='' at=$instance/door
	[ "$(id -u)" -ne 0 ] || user=nobody
	mkdir -p "$at"
	(umask 077 && printf '%s\n' "$SEKISHO_SECRET" >"$at/secret")
	: >"$at/log"
	cat >"$at/door-reader.conf" <<-CONF
		servers = "$SEKISHO_RADIUS";
		source_address = "127.0.0.4";
		secret_file = "$at/secret";
		client_id = "$(admin client show demo-door --json | jq -r .id)";
		server_id = "sekisho";
		readers = ( ("PCD 00 00", "ward-3 in"), ("PCD 01 00", "ward-3 out") );
		open = [ "/bin/true" ];
		user = "$user";
		pcsc_socket = "$PCSCLITE_CSOCK_NAME";
		dictionary = "$project/build/release/share/terminal";
	CONF
	rig remove "$(rig_folder)" >/dev/null
	"$project/build/release/libexec/sekisho-door-reader" -v -c "$at/door-reader.conf" 2>>"$at/log" </dev/null &
	door_pid=$!
	trap stop_door EXIT # also when a step fails
	await_door 'heartbeat' 2
}

stop_door() {
	trap - EXIT
	kill "$door_pid" 2>/dev/null || true
	wait "$door_pid" 2>/dev/null || true
	rig remove "$(rig_folder)" >/dev/null
	rig insert "$(rig_folder)" kobayashi >/dev/null # at the desk again
}

# Until the door has said something so often.
await_door() { # words times
	local i log=$instance/door/log
	for i in $(seq 100); do
		[ "$(grep -c -- "$1" "$log")" -lt "$2" ] || return 0
		sleep 0.1
	done
	fail "扉のリーダーが応答しません($log)" "The door's reader does not work; see $log"
}

# The card is held to a reader and taken away; $took is the door's own time.
at_door() { # 0 (in) or 1 (out)
	local seen log=$instance/door/log
	seen=$(grep -c 'all_ms=' "$log" || true)
	rig insert "$(rig_folder)" kobayashi "$1" >/dev/null
	await_door 'all_ms=' $((seen + 1))
	took=$(sed -n 's/.*all_ms="\([0-9]*\)".*/\1/p' "$log" | tail -n 1)
	rig remove "$(rig_folder)" kobayashi >/dev/null
}

show_door() {
	local first door_pid took ask_from=127.0.0.2
	make_ward
	give_password kobayashi 'Ringo_71-hashi-suna'
	admin unlock kobayashi >/dev/null 2>&1 || true
	start_door

	step "● 小林さん: 扉に職員証をかざして病棟へ。病棟端末ではパスワードだけ" \
		"* kobayashi: holds the card to the ward's door, then the password alone at a terminal inside"
	at_door 0
	ask kobayashi 'Ringo_71-hashi-suna'
	shown accept "$(say "扉が $took ms で開く → パスワード → ログイン完了" "the door opens after $took ms -> password -> logged in")" kobayashi \
		"$(say 'D.5 入退室(所持)と端末(記憶)を合わせて二要素' 'D.5: the entry (possession) and the terminal (knowledge) are two factors together')"

	step "● 小林さん: 病棟にいる間に、外の VPN から同じパスワード(盗まれた?)" \
		"* kobayashi: while inside, the same password from the VPN outside (stolen?)"
	ask_from=127.0.0.3
	ask kobayashi 'Ringo_71-hashi-suna'
	# from outside everybody is asked for a code, whether there could be one or not
	[ "$answer" = challenge ] || fail "チャレンジが来ません: $answer" "No challenge came: $answer"
	first=$reply_text
	ask kobayashi 123456 "$reply_state"
	shown reject "$first → 123456 → $reply_text" kobayashi \
		"$(say 'D.5 入室が効くのは、その区域の端末だけ' 'D.5: an entry counts at terminals of that zone and nowhere else')"

	step "● 小林さん: 病棟を出る。その端末で同じパスワード" "* kobayashi: leaves the ward; the same password at that terminal"
	ask_from=127.0.0.2
	at_door 1
	ask kobayashi 'Ringo_71-hashi-suna'
	shown reject "$reply_text" kobayashi \
		"$(say 'D.5 退室した人の入室は要素にならない' 'D.5: who has left is not identified by having entered')"
	stop_door
}
