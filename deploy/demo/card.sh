# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What quickstart shows of cards: one is issued on a virtual reader (the real
# pcscd and OpenSC, only the plastic is software) and used at a terminal
# through PAM. Sourced by quickstart after common.sh.
# shellcheck disable=SC2034 # answer and reply_ref are read in common.sh

card_pin=402917 card_number=00417

# The rig's folder: short, because a socket's name must fit.
rig_folder() {
	local dir
	dir=$(demo_folder)/rig
	((${#dir} <= 60)) || dir=/tmp/sekisho-rig.$(printf %s "$project" | cksum | cut -d' ' -f1)
	printf '%s\n' "$dir"
}

rig() { "$project/tests/rigs/card-rig" "$@"; }

start_rig() {
	local dir
	dir=$(rig_folder)
	rig readers "$dir" >/dev/null 2>&1 || rig start "$dir" --build "$project/build/release" >/dev/null ||
		fail "仮想カードリーダーを起動できません" "The virtual reader cannot be started"
	rig insert "$dir" kobayashi >/dev/null 2>&1 || true # it may be in there
}

stop_rig() { [ ! -e "$(rig_folder)" ] || rig stop "$(rig_folder)" >/dev/null 2>&1 || true; }

# A terminal of the ward: pam_sekisho as a package would install it.
make_terminal() {
	local at=$instance/terminal build=$project/build/release user=
	[ "$(id -u)" -ne 0 ] || user=nobody
	mkdir -p "$at/pam.d" "$at/libexec" "$at/share"
	chmod 755 "$at" "$at/pam.d" "$at/libexec" "$at/share"
	install -m 755 "$build/libexec/"sekisho-*-helper "$at/libexec/"
	install -m 755 "$build/cardtools/terminal/pam_sekisho.so" "$at/"
	install -m 644 "$build/share/terminal/"* "$at/share/"
	(umask 077 && printf '%s\n' "$SEKISHO_SECRET" >"$at/secret")
	cat >"$at/pam_sekisho.conf" <<CONF
servers = "$SEKISHO_RADIUS";
secret_file = "$at/secret";
client_id = "$(admin client show demo-terminal --json | jq -r .id)";
server_id = "sekisho";
nas_identifier = "ward-3";
contact = "1234";
language = "$demo_lang";
timeout_ms = 9000;
user = "$user";
card_user = "$user";
dictionary = "$at/share";
opensc_conf = "$at/share/opensc.conf";
helpers = "$at/libexec";
pcsc_socket = "$PCSCLITE_CSOCK_NAME";
CONF
	chmod 644 "$at/pam_sekisho.conf"
	cat >"$at/pam.d/demo" <<CONF
auth [success=done default=die] $at/pam_sekisho.so conf=$at/pam_sekisho.conf helpers=$at/libexec
account required $at/pam_sekisho.so
CONF
}

# Somebody at the terminal; what came of it is in $answer and $screen.
at_terminal() { # login answers...
	answer=reject reply_ref=
	if screen=$("$project/deploy/demo/at-terminal" "$instance/terminal" "$@" 2>&1); then
		answer=accept
	fi
	screen=$(paste -sd'|' - <<<"$screen" | sed 's/|/ | /g')
	reply_ref=$(grep -oE '[A-Z][0-9]-[0-9]{4}' <<<"$screen" | tail -n 1 || true)
}

issue_card() {
	local said begun ms
	admin ca show >/dev/null 2>&1 || admin ca init --name 'Demonstration card CA' >/dev/null
	admin person show kobayashi >/dev/null 2>&1 ||
		admin person add kobayashi --name '小林 恵' --lang "$demo_lang" >/dev/null
	if [ "$(admin card show "$card_number" --json 2>/dev/null | jq -r ".[0].state" 2>/dev/null)" = active ]; then
		step "● 小林さんの職員証 $card_number は発行済みです" "* kobayashi's card $card_number was issued before"
		echo
		return
	fi
	step "● 小林さん: 職員証を発行する(カードリーダーに白いカード、PIN は本人が入力)" \
		"* kobayashi: a card is issued (a blank one in the reader, the holder types the PIN)"
	begun=$(date +%s%3N)
	said=$(printf '%s\n' "$card_pin" | admin card issue kobayashi --number "$card_number" --json) ||
		fail "職員証を発行できません" "The card cannot be issued; see $instance/log"
	ms=$(($(date +%s%3N) - begun))
	said=$(jq -r '[.state] | join(" ")' <<<"$said")
	say "  画面      鍵はカードの中で作られ、$ms ms で完了" "  seen      keys were made on the card; done in $ms ms"
	say "  判定      $said: カードがサーバーのチャレンジに署名して、はじめて有効になる" \
		"  decided   $said: it counts only since it signed the server's challenge"
	say "  根拠      D.5 所持の要素を本人確認のうえ交付する" "  clause    D.5: possession, handed out in person"
	echo
}

show_card() {
	make_terminal
	issue_card
	admin card found "$card_number" --identity-proof 'demonstration' >/dev/null 2>&1 || true

	step "● 小林さん: 病棟端末で、職員証と PIN(PAM 経由)" "* kobayashi: card and PIN at the ward's terminal, through PAM"
	at_terminal kobayashi "$card_pin"
	shown accept "$screen → $(say 'ログイン完了' 'logged in')" kobayashi \
		"$(say 'C.13・D.5 カード(所持)と、カード自身が確かめる PIN(記憶)' 'C.13, D.5: the card (possession) and the PIN that the card itself checks (knowledge)')"

	step "● 小林さん: PIN の打ち間違い、次に正しい PIN" "* kobayashi: a wrong PIN, then the right one"
	at_terminal kobayashi 846203 "$card_pin"
	shown accept "$screen" kobayashi \
		"$(say 'D.4 (1) 試行回数はカードが数え、3回で止まる' 'D.4 (1): the card counts the tries and stops after three')"

	step "● 小林さん: 職員証をなくした、と届け出。その直後に誰かが使う" \
		"* kobayashi: reports the card lost; somebody uses it at once"
	admin card lost "$card_number" --why 'demonstration' >/dev/null
	at_terminal kobayashi "$card_pin"
	shown reject "$screen" kobayashi \
		"$(say 'D.5 手もとにない所持の要素は、届け出から直ちに証明にならない' 'D.5: what is not held any more proves nothing, from the moment it is reported')"
	admin card found "$card_number" --identity-proof 'demonstration' >/dev/null
}
