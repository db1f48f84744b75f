/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "authd/change.h"

struct sentence {
	const char *ja, *en;
};

static const char *
say(enum lang lang, const struct sentence *sentence)
{
	return lang == LANG_JA ? sentence->ja : sentence->en;
}

/* Why a new one is asked for. */
static const struct sentence *
why(int change)
{
	static const struct sentence expired = {
	    "パスワードの期限が切れました。", "Your password has expired. "};
	static const struct sentence given = {
	    "お渡ししたパスワードはここで変更してください。",
	    "The password you were given has to be changed now. "};
	static const struct sentence rule = {
	    "パスワードの決まりが変わりました。",
	    "The rules for passwords have changed. "};
	static const struct sentence none = {"", ""};

	return change == CHANGE_EXPIRED ? &expired
	       : change == CHANGE_GIVEN ? &given
	       : change == CHANGE_RULE	? &rule
					: &none;
}

/* Why what was typed will not do. */
static const struct sentence *
fault_of(enum change_fault fault)
{
	static const struct sentence faults[CHANGE_FAULTS] = {
	    [CHANGE_FAULT_NONE] = {"", ""},
	    [CHANGE_FAULT_SHORT] = {"短すぎます。", "That is too short. "},
	    [CHANGE_FAULT_NOT_MIXED] = {"文字・数字・記号を混ぜてください。",
		"Mix letters, digits and symbols. "},
	    [CHANGE_FAULT_LOGIN] = {"ログイン名が含まれています。",
		"It contains your login. "},
	    [CHANGE_FAULT_NAME] = {"お名前が含まれています。",
		"It contains your name. "},
	    [CHANGE_FAULT_BIRTH] = {"生年月日が含まれています。",
		"It contains your date of birth. "},
	    [CHANGE_FAULT_NUMBER] = {"職員番号が含まれています。",
		"It contains your staff number. "},
	    [CHANGE_FAULT_WORDS] = {"推測されやすいパスワードです(単語、日付、"
				    "キーの並び)。",
		"It is easily guessed: words, a date, a run of keys. "},
	    [CHANGE_FAULT_SIMILAR] = {"前のパスワードに似ています。",
		"It is too much like the old one. "},
	    [CHANGE_FAULT_USED] = {"以前に使ったパスワードです。",
		"You have used it before. "},
	    [CHANGE_FAULT_DIFFERENT] = {"二度の入力が一致しません。",
		"The two were not the same. "},
	};

	return &faults[fault];
}

void
change_text(enum lang lang, enum carried_stage stage, int change,
    enum change_fault fault, unsigned min_chars, char *ret_text, size_t size)
{
	const char *reason = say(
	    lang, fault == CHANGE_FAULT_NONE ? why(change) : fault_of(fault));

	if (stage == CARRIED_AGAIN) {
		(void)snprintf(ret_text, size, "%s",
		    lang == LANG_JA ? "確認のため、もう一度入力してください"
				    : "Enter it once more, to be sure");
	} else if (lang == LANG_JA) {
		(void)snprintf(ret_text, size,
		    "%s新しいパスワードを入力してください"
		    "(%u文字以上、文字・数字・記号を混ぜて)",
		    reason, min_chars);
	} else {
		(void)snprintf(ret_text, size,
		    "%sEnter a new password (at least %u characters: letters, "
		    "digits and symbols)",
		    reason, min_chars);
	}
}

void
change_text_done(enum lang lang, char *ret_text, size_t size)
{
	static const struct sentence done = {
	    "パスワードを変更しました。", "Your password has been changed."};

	(void)snprintf(ret_text, size, "%s", say(lang, &done));
}

void
change_text_warning(enum lang lang, int days, char *ret_text, size_t size)
{
	if (lang == LANG_JA)
		(void)snprintf(ret_text, size,
		    "パスワードの期限はあと%"
		    "d日です。お早めに変更してください。",
		    days);
	else if (days == 1)
		(void)snprintf(ret_text, size,
		    "Your password expires at midnight. Please change it.");
	else
		(void)snprintf(ret_text, size,
		    "Your password expires in %d days. Please change it soon.",
		    days);
}
