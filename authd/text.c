/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/text.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>

enum { WAIT_MIN = 5, WAIT_MAX = 900 };

void
text_refusal(enum lang lang, int wait, const char *contact, const char *ref,
    char ret_text[TEXT_SIZE])
{
	char when[64], whom[192] = "";

	/* An uncharged refusal, a lock and a stop must all look alike. */
	if (wait < WAIT_MIN)
		wait = WAIT_MIN;
	if (wait > WAIT_MAX)
		wait = WAIT_MAX;
	switch (lang) {
	case LANG_JA:
		if (wait > 60)
			(void)snprintf(
			    when, sizeof when, "%d分", (wait + 59) / 60);
		else
			(void)snprintf(when, sizeof when, "%d秒", wait);
		if (contact[0] != '\0')
			(void)snprintf(whom, sizeof whom, "内線%s", contact);
		(void)snprintf(ret_text, TEXT_SIZE,
		    "認証に失敗しました。%s後にもう一度お試しください。"
		    "お困りのとき:%s(受付番号 %s)",
		    when, contact[0] != '\0' ? whom : "情報システム担当", ref);
		return;
	case LANG_EN:
		if (wait > 60)
			(void)snprintf(
			    when, sizeof when, "%d minutes", (wait + 59) / 60);
		else
			(void)snprintf(when, sizeof when, "%d seconds", wait);
		if (contact[0] != '\0')
			(void)snprintf(whom, sizeof whom, "call %s", contact);
		(void)snprintf(ret_text, TEXT_SIZE,
		    "Authentication failed. Please try again in %s. "
		    "If you need help, %s (reference %s).",
		    when, contact[0] != '\0' ? whom : "ask the help desk", ref);
		return;
	}
}

void
text_no_entry(enum lang lang, const char *contact, const char *ref,
    char ret_text[TEXT_SIZE])
{
	const bool known = contact[0] != '\0';

	switch (lang) {
	case LANG_JA:
		(void)snprintf(ret_text, TEXT_SIZE,
		    "入口で職員証の記録がありません。入口でかざし直すか、"
		    "職員証とPINでログインしてください。お困りのとき:%s%s"
		    "(受付番号 %s)",
		    known ? "内線" : "情報システム担当", contact, ref);
		return;
	case LANG_EN:
		(void)snprintf(ret_text, TEXT_SIZE,
		    "No entry by your staff card is recorded. Hold it to the "
		    "reader at the entrance again, or log in with card and "
		    "PIN. If you need help, %s%s (reference %s).",
		    known ? "call " : "ask the help desk", contact, ref);
		return;
	}
}

void
text_ask_code(enum lang lang, unsigned digits, char ret_text[TEXT_SIZE])
{
	switch (lang) {
	case LANG_JA:
		if (digits == 0)
			(void)snprintf(ret_text, TEXT_SIZE,
			    "認証アプリに出ている数字を入力してください");
		else
			(void)snprintf(ret_text, TEXT_SIZE,
			    "認証アプリに出ている%u桁の数字を入力してください",
			    digits);
		return;
	case LANG_EN:
		if (digits == 0)
			(void)snprintf(ret_text, TEXT_SIZE,
			    "Enter the digits shown in your authenticator app");
		else
			(void)snprintf(ret_text, TEXT_SIZE,
			    "Enter the %u digits shown in your authenticator "
			    "app",
			    digits);
		return;
	}
}

static void
ask(enum lang lang, const char *ja, const char *en, char ret_text[TEXT_SIZE])
{
	(void)snprintf(ret_text, TEXT_SIZE, "%s", lang == LANG_JA ? ja : en);
}

void
text_ask_password(enum lang lang, char ret_text[TEXT_SIZE])
{
	ask(lang, "パスワードを入力してください", "Enter your password",
	    ret_text);
}

void
text_ask_pin(enum lang lang, char ret_text[TEXT_SIZE])
{
	ask(lang, "職員証の暗証番号(PIN)を入力してください",
	    "Enter the PIN of your staff card", ret_text);
}

void
text_reference(char ret_ref[STORE_REF])
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ";
	/* One draw: 24 * 8 * 10000 of 2^32, so none is likelier by 1 in 2000.
	 */
	uint32_t n = randombytes_random();
	const unsigned number = n % 10000;
	const unsigned digit = 2 + (n /= 10000) % 8;

	(void)snprintf(ret_ref, STORE_REF, "%c%u-%04u",
	    letters[(n / 8) % (sizeof letters - 1)], digit, number);
}
