# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What quickstart shows of doors: an entry is one factor, the password at a
# terminal inside is the other. Sourced by quickstart after common.sh.
# shellcheck disable=SC2034 # ask_from is read in common.sh

# A ward with one door, a terminal in it, and the hospital's VPN gateway.
make_ward() {
	local name address kind lang clients
	[ -e "$demo/ward.done" ] || {
		admin zone list --json | jq -e 'any(.name == "ward-3")' >/dev/null || admin zone add ward-3 >/dev/null
		admin door list --json | jq -e 'any(.name == "ward-3 entrance")' >/dev/null ||
			admin door add 'ward-3 entrance' --to ward-3 --in card --out card >/dev/null
		admin door source-list --json | jq -e 'any(.name == "demo")' >/dev/null ||
			admin door source-add demo >/dev/null
		admin policy set demo-ward --methods password,totp,card,pin,door >/dev/null
		admin policy set demo-vpn --methods password,totp,card,pin,door >/dev/null
		touch "$demo/ward.done"
	}
	clients=$(admin client list --json)
	while read -r name address kind; do
		lang=$(jq -r --arg name "$name" '.[] | select(.name == $name) | .lang' <<<"$clients")
		if [ -z "$lang" ]; then
			printf '%s\n' "$SEKISHO_SECRET" | admin client add "$name" --address "$address/32" \
				--kind "$kind" --zone ward-3 --policy "$name" --lang "$demo_lang" \
				--secret-stdin >/dev/null
		elif [ "$lang" != "$demo_lang" ]; then
			admin client set "$name" --lang "$demo_lang" >/dev/null
		fi
	done <<-CLIENTS
		demo-ward 127.0.0.2 terminal
		demo-vpn 127.0.0.3 vpn
	CLIENTS
	cat >"$demo/doorfeed.conf" <<-CONF
		source = "demo";
		database: { connect = "user=sekisho_door_feed"; };
		input: { from = "stdin"; };
		format = "json";
		map: { event = "id"; time = "at"; time_format = "epoch"; door = "door"; person = "who"; kind = "what"; };
		doors = ( ("1", "ward-3 entrance") );
		kinds = ( ("in", "enter"), ("out", "leave") );
	CONF
}

# What the door's controller says: somebody went in or out, just now.
door_says() { # login in|out
	local at
	at=$(date +%s.%N)
	printf '{"id":"demo-%s","at":%s,"door":"1","who":"%s","what":"%s"}\n' "$at" "$at" "$1" "$2" |
		"$project/build/release/libexec/sekisho-doorfeed" -c "$demo/doorfeed.conf" \
			2>>"$demo/doorfeed.log" ||
		fail "扉の記録を渡せません" "The door's event is not taken; see var/demo/doorfeed.log"
}

show_door() {
	local first ask_from=127.0.0.2
	make_ward
	admin unlock yamada >/dev/null 2>&1 || true

	step "● 山田さん: 職員証で病棟に入り、病棟端末でパスワードだけ" \
		"* yamada: enters the ward by card, then the password alone at its terminal"
	door_says yamada in
	ask yamada 'Makoto_62-hayashi'
	shown accept "$(say '入口で職員証 → パスワード → ログイン完了' 'card at the door -> password -> logged in')" yamada \
		"$(say 'D.5 入退室(所持)と端末(記憶)を合わせて二要素' 'D.5: the entry (possession) and the terminal (knowledge) are two factors together')"

	step "● 山田さん: 病棟にいる間に、外の VPN から同じパスワード(盗まれた?)" \
		"* yamada: while inside, the same password from the VPN outside (stolen?)"
	ask_from=127.0.0.3
	ask yamada 'Makoto_62-hayashi'
	# from outside everybody is asked for a code, whether there could be one or not
	[ "$answer" = challenge ] || fail "チャレンジが来ません: $answer" "No challenge came: $answer"
	first=$reply_text
	ask yamada 123456 "$reply_state"
	shown reject "「$first」→ 123456 → $reply_text" yamada \
		"$(say 'D.5 入室が効くのは、その区域の端末だけ' 'D.5: an entry counts at terminals of that zone and nowhere else')"

	step "● 山田さん: 病棟を出る。その端末で同じパスワード" "* yamada: leaves the ward; the same password at that terminal"
	ask_from=127.0.0.2
	door_says yamada out
	ask yamada 'Makoto_62-hayashi'
	shown reject "$reply_text" yamada \
		"$(say 'D.5 退室した人の入室は要素にならない' 'D.5: who has left is not identified by having entered')"
}
