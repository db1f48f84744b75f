/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_zone_map.c - zones and doors as a picture, or as what draws it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardtools/database.h"
#include "cardtools/graphviz.h"
#include "cardtools/map.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

static enum status
draw(const char *graph, const char *path)
{
	enum error err = graphviz_svg(graph, path);

	switch (err) {
	case ERR_OK:
		return STATUS_DONE;
	case ERR_SYSTEM:
		say("%s: %s", path, strerror(errno));
		return STATUS_USAGE;
	case ERR_NOTFOUND:
		say("%s", _("there is no program dot here; install graphviz, "
			    "or draw elsewhere what is printed without "
			    "--output"));
		return STATUS_USAGE;
	default:
		say(_("dot did not draw the map: %s"), error_text(err));
		return STATUS_UNREACHED;
	}
}

/* With --json what was done, or the graph as a text. */
static enum status
answer(struct call *call, const char *graph, json_t *zones, json_t *doors)
{
	const char *path = option(call, "output");
	enum status status = path != NULL ? draw(graph, path) : STATUS_DONE;
	json_t *done;

	if (status != STATUS_DONE)
		return status;
	if (!call->json) {
		if (path == NULL)
			out("%s", graph);
		else
			out(_("Drawn: %s (%zu zones, %zu doors)\n"), path,
			    json_array_size(zones), json_array_size(doors));
		return STATUS_DONE;
	}
	done = json_pack("{s:s, s:I, s:I}", path != NULL ? "output" : "dot",
	    path != NULL ? path : graph, "zones",
	    (json_int_t)json_array_size(zones), "doors",
	    (json_int_t)json_array_size(doors));
	if (done == NULL) {
		say("%s", _("the path is not plain text in UTF-8"));
		return STATUS_USAGE;
	}
	out_json(done, false);
	json_decref(done);
	return STATUS_DONE;
}

enum status
zone_map(struct call *call)
{
	json_t *zones = NULL, *doors = NULL;
	char *graph = NULL;
	enum status status;

	status =
	    database_call(call, "zone_list", PARAMETERS({NULL, NULL}), &zones);
	if (status == STATUS_DONE)
		status = database_call(
		    call, "door_list", PARAMETERS({NULL, NULL}), &doors);
	if (status == STATUS_DONE) {
		graph = map_write(zones, doors, time(NULL));
		if (graph == NULL) {
			say("%s", _("out of memory"));
			status = STATUS_UNREACHED;
		}
	}
	if (status == STATUS_DONE)
		status = answer(call, graph, zones, doors);
	free(graph);
	json_decref(doors);
	json_decref(zones);
	return status;
}
