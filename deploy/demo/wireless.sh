# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What quickstart shows of networks: the card opens the wireless network by
# EAP-TLS, and the session is over when it is reported lost. wpa_supplicant's
# eapol_test stands for station and access point. Sourced by quickstart after
# common.sh and card.sh.
# shellcheck disable=SC2034 # answer and reply_ref are read in common.sh

wlan_address=127.0.0.5

# FreeRADIUS trusts the card CA, which is made by issue_card.
trust_cards() {
	local anchors=$instance/eap/anchors.pem new
	new=$(mktemp)
	admin issuer anchors "$new" >/dev/null
	if cmp -s "$new" "$anchors"; then
		rm -f "$new"
		return
	fi
	mv "$new" "$anchors"
	chmod 644 "$anchors"
	"$project/deploy/instance" stop "$instance" radius
	"$project/deploy/instance" start "$instance" radius
	await_client
}

# kobayashi's station: what came of it is in $answer, its Class in $session_class.
by_card() {
	local out
	answer=reject reply_ref='' session_class=''
	out=$(eapol_test -c "$demo/wireless.conf" -a "${SEKISHO_RADIUS%:*}" -p "${SEKISHO_RADIUS##*:}" -A "$wlan_address" \
		-s "$SEKISHO_SECRET" -t 15 2>&1 || true)
	grep -q '^SUCCESS' <<<"$out" || return 0
	answer=accept
	session_class=$(sed -n '/code=2 (Access-Accept)/,$p' <<<"$out" |
		sed -n '/Attribute 25 (Class)/{n;s/^ *Value: //p}' | head -n 1)
}

make_station() {
	local der=$demo/9a.der
	pkcs11-tool --module /usr/lib/x86_64-linux-gnu/opensc-pkcs11.so --read-object --type cert --id 01 \
		--output-file "$der" >/dev/null 2>&1 ||
		fail "カードの証明書を読めません" "The card's certificate cannot be read"
	openssl x509 -inform DER -in "$der" -out "$demo/9a.pem"
	(umask 077 && cat >"$demo/wireless.conf" <<-CONF
		pkcs11_engine_path=/usr/lib/x86_64-linux-gnu/engines-3/pkcs11.so
		pkcs11_module_path=/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so
		network={
			key_mgmt=WPA-EAP
			eap=TLS
			identity="kobayashi"
			ca_cert="$instance/eap/ca.pem"
			client_cert="$demo/9a.pem"
			engine=1
			engine_id="pkcs11"
			key_id="pkcs11:id=%01;type=private"
			pin="$card_pin"
		}
	CONF
	)
}

show_wireless() {
	local said port=${SEKISHO_COA##*:} ap begun ms shown_kind=login
	admin client show demo-wlan >/dev/null 2>&1 ||
		printf '%s\n' "$SEKISHO_SECRET" | admin client add demo-wlan --address "$wlan_address/32" --kind wlan \
			--lang "$demo_lang" --coa-port "$port" --secret-stdin >/dev/null
	trust_cards
	make_station

	step "● 小林さん: 病棟の無線 LAN に、職員証と PIN で(802.1X、EAP-TLS)" \
		"* kobayashi: onto the ward's wireless network with card and PIN (802.1X, EAP-TLS)"
	by_card
	shown accept "$(say 'カードの鍵で TLS に署名 → 接続' 'the card signs in TLS → connected')" kobayashi \
		"$(say 'C.15・D.6 802.1X、C.13 カードと PIN の2要素' 'C.15, D.6: 802.1X; C.13: card and PIN are two factors')"

	step "● 接続中に、小林さんの職員証が紛失と届け出られる" "* and while connected, kobayashi's card is reported lost"
	said=$(mktemp)
	"$project/deploy/demo/access-point" "$wlan_address" "$port" "$SEKISHO_ACCT" kobayashi \
		"$session_class" 30 >"$said" 2>&1 &
	ap=$!
	for _ in $(seq 100); do
		! grep -q started "$said" || break
		sleep 0.05
	done
	begun=$(date +%s%3N)
	admin card lost "$card_number" --why 'demonstration' >/dev/null
	wait "$ap" || fail "セッションが切断されません: $(cat "$said")" "The session was not ended: $(cat "$said")"
	ms=$(($(date +%s%3N) - begun))
	rm -f "$said"
	by_card
	shown reject "$(say "$ms ms で切断(RFC 5176)、再接続も不可" "disconnected after $ms ms (RFC 5176); no way back")" kobayashi \
		"$(say 'D.5 手もとにない所持の要素は、接続中のセッションも終わらせる' 'D.5: what is not held any more ends the session that it began')"
	admin card found "$card_number" --identity-proof 'demonstration' >/dev/null
}
