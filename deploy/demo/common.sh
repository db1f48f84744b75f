# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What quickstart shows: demonstration staff and real logins by radclient.
# Sourced by quickstart; uses $project and $demo.

case "${LANG-}" in
ja*) demo_lang=ja ;;
*) demo_lang=en ;;
esac

# say JAPANESE ENGLISH
say() { if [ "$demo_lang" = ja ]; then printf '%s\n' "$1"; else printf '%s\n' "$2"; fi; }
fail() { say "$1" "$2" >&2; exit 1; }

# Where the demonstration's servers live: in var/demo if their users can get
# there, else in a folder of their own.
demo_folder() {
	local place=$project/var/demo/instance
	if [ "$(id -u)" -eq 0 ] && ! setpriv --reuid nobody --regid nogroup \
		--clear-groups test -x "$project"; then
		place=/var/lib/sekisho-demo/$(printf %s "$project" | cksum | cut -d' ' -f1)
	fi
	mkdir -p "$(dirname "$place")"
	chmod a+x "$(dirname "$place")" "$(dirname "$(dirname "$place")")" 2>/dev/null || true
	printf '%s\n' "$place"
}

migrate() { # [--check] folder
	local check='' dir user=postgres
	[ "$1" != --check ] || { check=$1; shift; }
	dir=$1
	[ "$(id -u)" -eq 0 ] || user=$(id -un)
	PGHOST=$dir/run/pg PGPORT=5432 PGUSER=$user PGDATABASE=sekisho \
		"$project/sql/sekisho-migrate" ${check:+"$check"} >>"$dir/log/migrate.log"
}

use_demo() {
	[ -e "$demo/env" ] || fail "先に ./quickstart を実行してください" "Run ./quickstart first"
	set -a
	# shellcheck source=/dev/null
	. "$demo/env"
	set +a
	instance=$(demo_folder)
}

# Runs card-admin in English JSON, whatever the language of the show.
admin() { card-admin "$@"; }

# Who has one keeps it: another would need an entry in the ledger.
give_password() { # login password
	[ "$(admin person show "$1" --json | jq -r .password)" != null ] ||
		printf '%s\n' "$2" | admin password set "$1" >/dev/null
}

# A person with a password and, if wanted, a token; kept over runs.
enrol() { # login name password token?
	local login=$1 name=$2 password=$3 token=$4
	[ ! -e "$demo/$login.done" ] || return 0
	admin person show "$login" >/dev/null 2>&1 ||
		admin person add "$login" --name "$name" --lang "$demo_lang" >/dev/null
	give_password "$login" "$password"
	if [ "$token" = token ]; then
		(umask 077 && admin totp enrol "$login" --json | jq -r .secret_base32 >"$demo/$login.seed")
		# the step before this one, so that this one's code is still fresh
		oathtool -b --totp -N "$(date -u -d '-30 seconds' '+%Y-%m-%d %H:%M:%S UTC')" \
			"$(cat "$demo/$login.seed")" | admin totp confirm "$login" >/dev/null
	fi
	touch "$demo/$login.done"
}

enrol_staff() {
	enrol sato '佐藤 花子' 'yuki-Kaze_2027-tsuru' token
	enrol suzuki '鈴木 一郎' 'Taki#8-momiji-fune' token
	enrol tanaka '田中 美咲' 'Kumo+55-tsuki-iwa' token
	enrol takahashi '高橋 健' 'yama_31-Kawa-hotaru' none # for the reader to try
	enrol yamada '山田 誠' 'Umi_62-tombo-kane' none
	if ! admin client show demo-terminal >/dev/null 2>&1; then
		printf '%s\n' "$SEKISHO_SECRET" | admin client add demo-terminal \
			--address 127.0.0.1/32 --kind terminal --lang "$demo_lang" \
			--coa-port "${SEKISHO_COA##*:}" --secret-stdin >/dev/null
	elif [ "$(admin client show demo-terminal --json | jq -r .lang)" != "$demo_lang" ]; then
		admin client set demo-terminal --lang "$demo_lang" >/dev/null
	fi
	await_client
}

# FreeRADIUS remembers an unknown address for a few seconds.
await_client() {
	local i
	for i in $(seq 60); do
		if printf 'Message-Authenticator=0x00' | radclient -q -r 1 -t 0.3 \
			-d "$SEKISHO_RADDB" -D "$SEKISHO_RADDB" \
			"$SEKISHO_RADIUS" status "$SEKISHO_SECRET" >/dev/null 2>&1; then
			return
		fi
		[ "$i" != 1 ] || say "      (FreeRADIUS が新しいクライアントに気づくのを待っています)" \
			"      (waiting until FreeRADIUS notices the new client)"
		sleep 0.25
	done
	fail "FreeRADIUS が応答しません" "FreeRADIUS does not answer"
}

# A code that has not been used: each step is accepted once, only forwards.
fresh_code() { # login
	local now step last=0
	[ ! -e "$demo/$1.step" ] || last=$(cat "$demo/$1.step")
	while :; do
		now=$(date +%s)
		step=$((now / 30))
		((step > last)) || step=$((last + 1))
		((step > now / 30 + 1)) || break
		sleep 0.5
	done
	echo "$step" >"$demo/$1.step"
	oathtool -b --totp -N "$(date -u -d "@$((step * 30))" '+%Y-%m-%d %H:%M:%S UTC')" \
		"$(cat "$demo/$1.seed")"
}

# One Access-Request by radclient, from the address in ask_from if there is one;
# what came back is in $answer, $reply_text and $reply_state.
ask() { # login password [state] [radclient options...]
	local login=$1 password=$2 state=${3-} out
	shift 3 || shift $#
	out=$(printf '%sUser-Name="%s",User-Password="%s",%sCalling-Station-Id="02-00-5e-10-00-01",Message-Authenticator=0x00\n' \
		"${ask_from:+Packet-Src-IP-Address=$ask_from,}" "$login" "${password//\"/\\\"}" "${state:+State=$state,}" |
		radclient -x -r 1 -t 9 "$@" -d "$SEKISHO_RADDB" -D "$SEKISHO_RADDB" \
			"$SEKISHO_RADIUS" auth "$SEKISHO_SECRET" 2>&1 || true)
	out=$(sed -n '/^Received/,$p' <<<"$out")
	case "$out" in
	*Access-Accept*) answer=accept ;;
	*Access-Challenge*) answer=challenge ;;
	*Access-Reject*) answer=reject ;;
	*) answer=silence ;;
	esac
	reply_text=$(sed -n 's/^[[:space:]]*Reply-Message = "\(.*\)"$/\1/p' <<<"$out" | tr -d '\n')
	reply_ref=$(sed -n 's/^[[:space:]]*Sekisho-Ref = "\(.*\)"$/\1/p' <<<"$out")
	reply_state=$(sed -n 's/^[[:space:]]*State = //p' <<<"$out")
	[[ $out != *Access-* || $out == *Message-Authenticator* ]] ||
		fail "応答に Message-Authenticator がありません" "The reply has no Message-Authenticator"
}

# The three lines of a step: what the nurse sees, what was decided, why.
shown() { # expected, what is seen, login, clause
	[ "$answer" = "$1" ] || fail "期待した結果は $1 でしたが $answer でした" \
		"Expected $1, got $answer; see $instance/log"
	local row decision
	local which=(--login "$3" ${shown_kind:+--kind "$shown_kind"})
	[ -z "$reply_ref" ] || which=(--ref "$reply_ref")
	row=$(admin audit show "${which[@]}" --limit 1 --json |
		jq -r 'last | [.outcome, .reason, ([.evidence[] | .category + ": " + .method + (if .label then " " + .label else "" end)] | join("; ")), (.ref // "")] | join("\t")')
	IFS=$'\t' read -r outcome reason evidence ref <<<"$(sed 's/\t\t/\t-\t/g' <<<"$row")"
	decision="$outcome ($reason)"
	[ -z "${evidence-}" ] || [ "$evidence" = - ] || decision+=", $evidence"
	[ -z "${ref-}" ] || decision+=", $ref"
	say "  画面      $2" "  seen      $2"
	say "  判定      $decision" "  decided   $decision"
	say "  根拠      $4" "  clause    $4"
	echo
}

step() { say "$1" "$2"; }

kill_authd() {
	local wrapper
	wrapper=$(cut -d' ' -f1 "$instance/run/authd.pid")
	kill -KILL "$(pgrep -P "$wrapper" -x sekisho-authd | head -n 1)"
}

show_logins() {
	local code first spent
	echo
	admin unlock tanaka >/dev/null 2>&1 || true

	step "● 佐藤さん: パスワード、次に認証アプリの数字" "* sato: password, then the code that is asked for"
	ask sato 'yuki-Kaze_2027-tsuru'
	[ "$answer" = challenge ] || fail "チャレンジが来ません: $answer" "No challenge came: $answer"
	first=$reply_text
	code=$(fresh_code sato)
	ask sato "$code" "$reply_state"
	shown accept "「$first」→ $code → $(say ログイン完了 'logged in')" sato \
		"$(say 'C.13・D.5 記憶と所持、異なる2要素' 'C.13, D.5: knowledge and possession, two distinct factors')"

	step "● 鈴木さん: パスワードの後ろに数字を続けて入力" "* suzuki: the code appended to the password"
	spent=$(fresh_code suzuki)
	ask suzuki "Taki#8-momiji-fune$spent"
	shown accept "$(say '一度の入力でログイン完了' 'logged in with one entry')" suzuki \
		"$(say 'C.13 二要素(802.1X や VPN ではこの形)' 'C.13: two factors in one field, for VPN and 802.1X')"

	step "● 鈴木さん: 同じ数字をもう一度(盗み見)" "* suzuki: the same code again, as an onlooker would"
	ask suzuki "Taki#8-momiji-fune$spent"
	shown reject "$reply_text" suzuki \
		"$(say 'D.5 使い終わった数字は所持の証明にならない' 'D.5: a used code proves nothing')"

	step "● 山田さん: 正しいパスワードだけ(第二の要素なし)" "* yamada: the right password, and nothing else"
	ask yamada 'Umi_62-tombo-kane'
	shown reject "$reply_text" yamada \
		"$(say 'C.13 パスワードだけでは入れない' 'C.13: a password alone is never enough')"

	step "● 田中さん: パスワードの打ち間違い、すぐに正しいパスワード" "* tanaka: a wrong password, then at once the right one"
	ask tanaka "oboete-inai-$RANDOM"
	shown reject "$reply_text" tanaka \
		"$(say 'D.4 (1) 失敗後の不応時間が始まる' 'D.4 (1): a refusal time begins')"
	ask tanaka 'Kumo+55-tsuki-iwa'
	shown reject "$reply_text" tanaka \
		"$(say 'D.4 (1) 不応時間内は正しくても評価しない' 'D.4 (1): inside it nothing is evaluated, right or wrong')"
	admin unlock tanaka >/dev/null

	step "● 田中さん: ログインの途中で authd を強制終了(kill -9)" "* tanaka: authd is killed (kill -9) in the middle of a login"
	ask tanaka 'Kumo+55-tsuki-iwa'
	[ "$answer" = challenge ] || fail "チャレンジが来ません: $answer" "No challenge came: $answer"
	kill_authd
	code=$(fresh_code tanaka)
	ask tanaka "$code" "$reply_state" -r 20 -t 1
	shown accept "$(say '少し待たされて、続きからログイン完了' 'a moment of waiting, then logged in from where it was')" tanaka \
		"$(say '運14③ 途中の状態はデータベースにあり、失われない' 'Availability: a login in progress is a database row and survives')"
}

say_next() { # seconds
	local sec=$1
	say "動いています($sec 秒)。ご自分でどうぞ:" "It is running ($sec s). Try it yourself:"
	cat <<LINES

  set -a; . var/demo/env; set +a
  echo 'User-Name=sato,User-Password=yuki-Kaze_2027-tsuru,Message-Authenticator=0x00' |
    radclient -x -d "\$SEKISHO_RADDB" -D "\$SEKISHO_RADDB" "\$SEKISHO_RADIUS" auth "\$SEKISHO_SECRET"
  oathtool -b --totp "\$(cat var/demo/sato.seed)"      # $(say '今の数字(使えるのは一度だけ)' 'the code of now, good once')
  echo 'User-Name=sato,User-Password=CODE,State=STATE,Message-Authenticator=0x00' |
    radclient -x -d "\$SEKISHO_RADDB" -D "\$SEKISHO_RADDB" "\$SEKISHO_RADIUS" auth "\$SEKISHO_SECRET"
  deploy/demo/at-terminal $instance/terminal kobayashi $card_pin     # $(say '職員証と PIN' 'card and PIN')
  card-admin card list; card-admin card lost $card_number
  card-admin audit show --login sato
  card-admin --help

LINES
	say "  ./quickstart attack   破ってみる    ./quickstart stop   止める    ./quickstart reset   消す" \
		"  ./quickstart attack   try to break in    ./quickstart stop   stop    ./quickstart reset   delete"
}
