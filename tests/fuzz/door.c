/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A door's configuration is taken whole or refused in one line; a sensor's
 * line names one of its readers or nothing. The first line is the sensor's.
 */
#include <string.h>

#include "cardtools/door/sensor.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[CONF_FILE_MAX];
	struct doorconf conf = {.open_timeout_ms = 0};
	char message[CONF_MESSAGE] = "", *file;
	size_t reader, i;
	bool opened;

	if (size >= sizeof text || memchr(data, '\0', size) != NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	file = strchr(text, '\n');
	if (file == NULL)
		return 0;
	*file++ = '\0';
	if (doorconf_read_text(file, &conf, message) == ERR_OK) {
		must(conf.readers.n > 0 && conf.readers.n <= DOOR_READERS_MAX);
		must(conf.open.n > 0 && conf.open.text[conf.open.n] == NULL);
		must(conf.open.text[0][0] == '/');
		must(conf.radius.n_servers > 0);
		for (i = 0; i < conf.radius.n_servers; i++)
			must(conf.radius.servers[i].account_port[0] != '\0');
		if (sensor_line(&conf, text, &opened, &reader) == ERR_OK) {
			must(reader < conf.readers.n);
			must(text[0] == (opened ? 'o' : 'c'));
		}
	} else {
		must(message[0] != '\0' && strlen(message) < CONF_MESSAGE);
	}
	doorconf_clear(&conf);
	return 0;
}
