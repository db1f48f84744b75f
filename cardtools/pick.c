/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/pick.h"

#include <string.h>
#include <strings.h>

#include "cardtools/output.h"

enum error
pick(const json_t *array, const char *prefix, const char *status,
    const json_t **ret_object)
{
	const json_t *object, *found = NULL;
	size_t i;

	json_array_foreach(array, i, object)
	{
		if (prefix != NULL &&
		    (prefix[0] == '\0' || strncasecmp(field(object, "id"),
					      prefix, strlen(prefix)) != 0))
			continue;
		if (status != NULL &&
		    strcmp(field(object, "status"), status) != 0)
			continue;
		if (found != NULL)
			return ERR_BUSY;
		found = object;
	}
	if (found == NULL)
		return ERR_NOTFOUND;
	*ret_object = found;
	return ERR_OK;
}
