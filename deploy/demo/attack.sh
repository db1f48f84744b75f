# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# quickstart attack: guess, replay, flood, flip bits, forge; and what the log
# says of each. Sourced by quickstart.

# How many rows of the audit since a moment have a reason: "reason count".
reasons_since() { # login time
	admin audit show --login "$1" --since "$2" --limit 1000 --json |
		jq -r 'group_by(.reason)[] | "              " + .[0].reason + " " + ([.[].count] | add | tostring)'
}

tried() { say "  試行      $1" "  tried     $2"; }
result() { say "  結果      $1" "  result    $2"; }

attack() {
	local since i n before code flipped state
	since=$(date -Iseconds)
	admin unlock sato >/dev/null

	step "● 総当たり: 佐藤さんのパスワードを40回推測" "* Guessing: forty passwords for sato"
	for i in $(seq 40); do
		printf 'User-Name=sato,User-Password="guess-%s",Message-Authenticator=0x00\n\n' "$i"
	done | radclient -q -p 1 -r 1 -t 3 -d "$SEKISHO_RADDB" -D "$SEKISHO_RADDB" \
		"$SEKISHO_RADIUS" auth "$SEKISHO_SECRET" >/dev/null 2>&1 || true
	tried "40通り" "40 passwords"
	sleep 2 # repeated refusals are written as a sum, after a second
	result "評価されたのは最初だけ。残りは不応時間で拒否:" "Only the first was evaluated; the rest fell into the refusal time:"
	reasons_since sato "$since"
	ask sato 'yuki-Kaze_2027-tsuru'
	result "正しいパスワードでも今は: $answer" "Even the right password now gives: $answer"
	admin unlock sato >/dev/null
	echo

	step "● 再送: 使い終わった数字と State" "* Replay: a used code, a used State"
	ask sato 'yuki-Kaze_2027-tsuru'
	state=$reply_state
	code=$(fresh_code sato)
	ask sato "$code" "$state"
	before=$answer
	ask sato "$code" "$state"
	result "1回目 $before、2回目 $answer" "first $before, second $answer"
	ask sato "yuki-Kaze_2027-tsuru$code"
	result "同じ数字を別のログインで: $answer" "the same code in a new login: $answer"
	echo

	step "● 改ざん: State の1ビットを反転" "* Flipping a bit of State"
	ask suzuki 'Taki#8-momiji-fune'
	state=$reply_state
	flipped=${state%?}$(printf %x $((0x${state: -1} ^ 1)))
	code=$(fresh_code suzuki)
	ask suzuki "$code" "$flipped"
	result "$answer(本人は課金されない)" "$answer, and suzuki is not charged for it"
	ask suzuki "$code" "$state"
	result "本物の State では $answer" "with the real State: $answer"
	echo

	step "● 洪水: 知らない名前を300件" "* Flood: three hundred unknown names"
	for i in $(seq 300); do
		printf 'User-Name=nobody-%s,User-Password=x%s,Message-Authenticator=0x00\n\n' "$i" "$i"
	done | radclient -q -p 60 -r 1 -t 2 -d "$SEKISHO_RADDB" -D "$SEKISHO_RADDB" \
		"$SEKISHO_RADIUS" auth "$SEKISHO_SECRET" >/dev/null 2>&1 &
	n=$!
	sleep 0.5
	before=$(date +%s%3N)
	ask tanaka 'Kumo+55-tsuki-iwa' '' -r 3 -t 3
	result "洪水の最中に田中さん: $answer、$(($(date +%s%3N) - before)) ミリ秒" \
		"tanaka during the flood: $answer after $(($(date +%s%3N) - before)) ms"
	wait "$n" || true
	echo

	step "● 偽装: 間違った共有鍵、Message-Authenticator なし" "* Forgery: a wrong shared secret, no Message-Authenticator"
	SEKISHO_SECRET=wrong-secret-wrong ask sato 'yuki-Kaze_2027-tsuru' '' -t 2
	result "違う共有鍵: $answer" "wrong secret: $answer"
	printf 'User-Name=sato,User-Password="yuki-Kaze_2027-tsuru"\n' |
		radclient -x -r 1 -t 2 -d "$SEKISHO_RADDB" -D "$SEKISHO_RADDB" \
			"$SEKISHO_RADIUS" auth "$SEKISHO_SECRET" >"$demo/attack.out" 2>&1 || true
	result "Message-Authenticator なし: $(grep -q '^Received' "$demo/attack.out" && echo answered || echo silence)" \
		"without Message-Authenticator: $(grep -q '^Received' "$demo/attack.out" && echo answered || echo silence)"
	rm -f "$demo/attack.out"
	printf 'User-Name=sato,CHAP-Password=0x0102030405060708090a0b0c0d0e0f1011,Message-Authenticator=0x00\n' |
		radclient -q -r 1 -t 2 -d "$SEKISHO_RADDB" -D "$SEKISHO_RADDB" \
			"$SEKISHO_RADIUS" auth "$SEKISHO_SECRET" >/dev/null 2>&1 || true
	echo

	say "記録(監査ログ):" "What the audit has of it:"
	admin audit show --since "$since" --limit 12
	echo
	say "authd のログ:" "And authd's log:"
	tail -n 4 "$instance/log/authd.log"
	if grep -rqF -e 'yuki-Kaze_2027-tsuru' -e 'Taki#8-momiji-fune' "$instance/log"; then
		fail "ログに秘密が出ています" "A secret is in a log"
	fi
	say "ログに秘密はありません(確認済み)。" "No password is in any log (checked just now)."
}
