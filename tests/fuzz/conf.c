/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration is taken within its bounds, or refused in one line. */
#include <string.h>

#include "authd/config.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[CONF_FILE_MAX];
	char message[CONF_MESSAGE];
	struct config config;

	if (size >= sizeof text || memchr(data, '\0', size) != NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	memset(&config, 0, sizeof config);
	if (conf_read_text("f", text, config_table, &config, message) ==
	    ERR_OK) {
		must(config.workers >= 2 && config.workers <= 200);
		must(strlen(config.socket) <= 107);
		must(message[0] == '\0');
	} else {
		must(message[0] != '\0' && strlen(message) < CONF_MESSAGE);
	}
	conf_clear(config_table, &config);
	return 0;
}
