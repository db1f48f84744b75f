/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"

static enum status
setting_list(struct call *call)
{
	const char *const headings[] = {_("SETTING"), _("VALUE"), _("MEANING")};
	const json_t *setting;
	struct sheet *sheet;
	enum status status;
	json_t *list;
	size_t i;

	status = database_call(
	    call, "setting_list", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(3, headings);
	json_array_foreach(list, i, setting)
	{
		const char *meaning = setting_words(field(setting, "name"));

		sheet_cell(sheet, field(setting, "name"));
		sheet_cell(sheet, field(setting, "value"));
		sheet_cell(sheet,
		    meaning != NULL ? meaning : field(setting, "meaning"));
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static enum status
setting_set(struct call *call)
{
	enum status status;
	json_t *setting;

	status = database_call(call, "setting_set",
	    PARAMETERS({"p_name", call->arg[0]}, {"p_value", call->arg[1]}),
	    &setting);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(setting, false);
	else
		out("%s = %s\n", field(setting, "name"),
		    field(setting, "value"));
	json_decref(setting);
	return STATUS_DONE;
}

const struct verb setting_verbs[] = {
    {"list", "", setting_list, NULL, N_("list settings"), NULL},
    {"set", "NAME VALUE", setting_set, NULL, N_("change a setting"),
	N_("  card-admin setting set password.memlimit_kib 19456")},
    {0},
};
