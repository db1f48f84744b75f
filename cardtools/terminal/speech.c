/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/speech.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/*
 * N stands for the number, C for whom to call, P for the person; anything
 * else is as it is. N, C and P stand alone in braces.
 */
static const char *const texts[][2] = {
    [SPEECH_PASSWORD] = {"Password: ", "パスワード: "},
    [SPEECH_PASSWORD_FOR] = {"Password of {P}: ", "{P}さんのパスワード: "},
    [SPEECH_CODE] = {"Code: ", "認証アプリに出ている数字: "},
    [SPEECH_PIN] = {"PIN of your staff card: ",
	"職員証の暗証番号(PIN)を入力してください: "},
    [SPEECH_PIN_FOR] = {"PIN of your staff card, {P}: ",
	"{P}さん、職員証の暗証番号(PIN)を入力してください: "},
    [SPEECH_INSERT] = {"Insert your staff card.",
	"職員証をカードリーダーに入れてください。"},
    [SPEECH_PIN_WRONG] = {"The PIN is wrong. After {N} more wrong tries your "
			  "card stops working. If you are not sure, do not "
			  "try again and {C}.",
	"PINが違います。あと{N}回で職員証が使えなくなります。"
	"不明なときは入力せず、{C}へ"},
    [SPEECH_PIN_LAST] = {"THIS IS THE LAST TRY: another wrong PIN and your "
			 "card stops working. If you are not sure, press Enter "
			 "without a PIN and {C}.",
	"最後の1回です。次に間違えると職員証が使えなくなります。"
	"不明なときは何も入力せずEnterを押し、{C}へ"},
    [SPEECH_PIN_BLOCKED] = {"Your card's PIN is blocked after too many wrong "
			    "tries. To have it unblocked, {C}.",
	"PINの間違いが続いたため、職員証は使えません。解除は{C}へ"},
    [SPEECH_PIN_SHAPE] = {"A PIN has 4 to 16 characters. Nothing was sent to "
			  "the card.",
	"PINは4~16文字です。職員証には送っていません。"},
    [SPEECH_CARD_GONE] = {"The card was taken out too early. Please start "
			  "again.",
	"職員証が途中で抜かれました。もう一度はじめからお願いします。"},
    [SPEECH_CARD_SLOW] = {"Your card is being read. Please leave it in the "
			  "reader.",
	"職員証を読み取っています。抜かずにお待ちください。"},
    [SPEECH_CARD_FAILED] = {"The card reader does not work as it should. Log "
			    "in with your password, or {C}.",
	"職員証を読み取れませんでした。パスワードでログインするか、{C}へ"},
    [SPEECH_CARD_KEYLESS] = {"This card has no key for logging in. Log in "
			     "with your password, or {C}.",
	"この職員証にはログイン用の鍵がありません。"
	"パスワードでログインするか、{C}へ"},
    [SPEECH_KEY_TOUCH] = {"Touch your security key when it blinks.",
	"セキュリティキーが光ったら、触れてください。"},
    [SPEECH_KEY_FINGER] = {"Put your finger on your security key when it "
			   "blinks.",
	"セキュリティキーが光ったら、登録した指を当ててください。"},
    [SPEECH_KEY_CHOOSE] = {"There are several security keys. Touch the one "
			   "you want to use.",
	"セキュリティキーが複数あります。使うキーに触れてください。"},
    [SPEECH_KEY_PIN] = {"PIN of your security key: ",
	"セキュリティキーの暗証番号(PIN)を入力してください: "},
    [SPEECH_KEY_PIN_WRONG] = {"The PIN is wrong. After {N} more wrong tries "
			      "your security key stops working. If you are not "
			      "sure, do not try again and {C}.",
	"PINが違います。あと{N}回間違えるとセキュリティキーが使えなくなります。"
	"不明なときは入力せず、{C}へ"},
    [SPEECH_KEY_PIN_LAST] = {"THIS IS THE LAST TRY: another wrong PIN and "
			     "your security key stops working for good. If "
			     "you are not sure, press Enter without a PIN and "
			     "{C}.",
	"最後の1回です。次に間違えるとセキュリティキーが使えなくなります。"
	"不明なときは何も入力せずEnterを押し、{C}へ"},
    [SPEECH_KEY_PIN_PULL] = {"Three wrong PINs in a row: the security key "
			     "takes no more until it is unplugged. Pull it "
			     "out, plug it in again and log in again.",
	"PINを続けて3回間違えました。セキュリティキーを一度抜いて挿し直し、"
	"もう一度ログインしてください。"},
    [SPEECH_KEY_PIN_BLOCKED] = {"Your security key's PIN is blocked for good "
				"after too many wrong tries. Log in with your "
				"password; for a new key, {C}.",
	"PINの間違いが続いたため、このセキュリティキーはもう使えません。"
	"パスワードでログインし、交換は{C}へ"},
    [SPEECH_KEY_PIN_SHAPE] = {"A security key's PIN has 4 to 63 characters. "
			      "Nothing was sent to the key.",
	"セキュリティキーのPINは4~63文字です。キーには送っていません。"},
    [SPEECH_KEY_PINLESS] = {"Your security key has no PIN and no fingerprint, "
			    "and one is needed here. Log in with your "
			    "password, or {C}.",
	"このセキュリティキーにはPINも指紋も登録されていません。"
	"パスワードでログインするか、{C}へ"},
    [SPEECH_KEY_FINGER_WRONG] = {"The fingerprint does not match. {N} more "
				 "tries are left.",
	"指紋が一致しません。あと{N}回試せます。"},
    [SPEECH_KEY_FINGER_BLOCKED] = {"Your security key takes no more "
				   "fingerprints for now. Use its PIN.",
	"指紋を読み取れません。セキュリティキーのPINを使ってください。"},
    [SPEECH_KEY_FOREIGN] = {"The security key that is plugged in is not "
			    "registered for you. Plug in your own, log in with "
			    "your password, or {C}.",
	"挿してあるセキュリティキーは、あなたのものとして登録されていません。"
	"ご自分のキーを挿すか、パスワードでログインするか、{C}へ"},
    [SPEECH_KEY_UNTOUCHED] = {"Nobody touched the security key in time. Log in "
			      "without it, or start again and touch it when "
			      "it blinks.",
	"時間内にセキュリティキーに触れられませんでした。キーを使わずに"
	"ログインするか、はじめからやり直して光ったら触れてください。"},
    [SPEECH_KEY_GONE] = {"The security key was pulled out too early. Please "
			 "start again.",
	"セキュリティキーが途中で抜かれました。"
	"もう一度はじめからお願いします。"},
    [SPEECH_KEY_FAILED] = {"The security key does not work as it should. Pull "
			   "it out and plug it in again, log in with your "
			   "password, or {C}.",
	"セキュリティキーが正しく動作しません。一度抜いて挿し直すか、"
	"パスワードでログインするか、{C}へ"},
    [SPEECH_REFUSED] = {"Authentication failed.", "認証に失敗しました。"},
    [SPEECH_SILENCE] = {"The authentication server does not answer. Please "
			"try again in a moment, or {C}.",
	"認証サーバーから応答がありません。"
	"しばらくしてからもう一度お試しください。お困りのとき:{C}"},
    [SPEECH_BROKEN] = {"Logging in is not set up correctly at this terminal. "
		       "Please {C}.",
	"この端末のログイン設定に誤りがあります。お困りのとき:{C}"},
    [SPEECH_RENEW] = {"Your staff card ends on {P}. Renew it now? It takes a "
		      "few seconds (Enter: yes, n: later): ",
	"職員証の有効期限は{P}です。今すぐ更新しますか?数秒で終わります"
	"(Enter:更新する、n:あとで): "},
    [SPEECH_RENEWING] = {"Leave the card in the reader, please...",
	"職員証を抜かずにお待ちください..."},
    [SPEECH_RENEWED] = {"Your staff card is renewed.",
	"職員証を更新しました。"},
    [SPEECH_NOT_RENEWED] = {"Your staff card could not be renewed. You are "
			    "logged in all the same; you will be asked again, "
			    "or {C}.",
	"職員証を更新できませんでした。ログインはできています。次回もう一度"
	"お試しいただくか、{C}へ"},
    [SPEECH_GO_ON] = {"Press Enter: ", "確認したらEnterを押してください: "},
    [SPEECH_TOO_LONG] = {"That was too long.", "入力が長すぎます。"},
};

static void
add(char *text, const char *more, size_t len)
{
	size_t used = strlen(text);

	if (len > SPEECH_SIZE - 1 - used)
		len = 0; /* whole or not at all: never half a character */
	memcpy(text + used, more, len);
	text[used + len] = '\0';
}

void
speech_text(enum speech_language language, enum speech what, unsigned number,
    const char *contact, const char *name, char ret_text[SPEECH_SIZE])
{
	const bool ja = language == SPEECH_JA;
	const char *at;
	char some[128];

	ret_text[0] = '\0';
	for (at = texts[what][ja]; *at != '\0';) {
		size_t len = strcspn(at, "{");

		add(ret_text, at, len);
		at += len;
		if (*at == '\0')
			break;
		some[0] = '\0';
		if (at[1] == 'N' && number > 0)
			(void)snprintf(some, sizeof some, "%u", number);
		else if (at[1] == 'N')
			(void)snprintf(
			    some, sizeof some, "%s", ja ? "数" : "a few");
		else if (at[1] == 'C' && contact[0] != '\0')
			(void)snprintf(some, sizeof some,
			    ja ? "内線%.64s" : "call %.64s", contact);
		else if (at[1] == 'C')
			(void)snprintf(some, sizeof some, "%s",
			    ja ? "情報システム担当" : "ask the help desk");
		else
			add(ret_text, name, strlen(name));
		add(ret_text, some, strlen(some));
		at += 3;
	}
}

void
speech_clean(const char *bytes, size_t len, char ret_text[SPEECH_SIZE])
{
	const unsigned char *p = (const unsigned char *)bytes;
	size_t i = 0, n = 0;

	while (i < len) {
		size_t size = p[i] < 0x80   ? 1
			      : p[i] < 0xc2 ? 0
			      : p[i] < 0xe0 ? 2
			      : p[i] < 0xf0 ? 3
			      : p[i] < 0xf5 ? 4
					    : 0;
		size_t j;

		for (j = 1; j < size; j++) {
			if (i + j >= len || (p[i + j] & 0xc0) != 0x80)
				size = 0;
		}
		/* C1 controls, and line or paragraph separators */
		if (size == 0 || (p[i] == 0xc2 && p[i + 1] < 0xa0)) {
			i += size == 0 ? 1 : size;
			continue;
		}
		if (n + size > SPEECH_SIZE - 1)
			break;
		if (p[i] == '\n' || p[i] == '\t')
			ret_text[n++] = ' ';
		else if (size > 1 || (p[i] >= 0x20 && p[i] != 0x7f))
			for (j = 0; j < size; j++)
				ret_text[n++] = (char)p[i + j];
		i += size;
	}
	ret_text[n] = '\0';
}
