/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/door/sensor.h"

#include <string.h>

enum error
sensor_line(const struct doorconf *conf, const char *line, bool *ret_opened,
    size_t *ret_reader)
{
	static const char *const words[] = {"closed", "opened"};
	size_t i, word;

	for (word = 0; word < 2; word++) {
		size_t len = strlen(words[word]);

		if (strncmp(line, words[word], len) != 0)
			continue;
		if (line[len] == '\0') {
			*ret_opened = word == 1;
			*ret_reader = 0;
			return ERR_OK;
		}
		if (line[len] != ' ')
			return ERR_INPUT;
		for (i = 0; i < conf->readers.n; i++) {
			if (strcmp(line + len + 1, conf->readers.pair[i].to) ==
			    0) {
				*ret_opened = word == 1;
				*ret_reader = i;
				return ERR_OK;
			}
		}
	}
	return ERR_INPUT;
}
