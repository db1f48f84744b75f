/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new password, whatever it is made of, and what is known of its owner. */
#include "common/guess/guess.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <unistr.h>

#include "common/guess/birth.h"
#include "common/guess/fold.h"
#include "tests/fuzz/fuzz.h"

enum { PASSWORD = 128 };

static struct words *
list(void)
{
	static struct words *words;
	static const char text[] = "hanako\nkangoshi\npassword\n"
				   "\xe3\x81\x8b\xe3\x82\x93\n";
	char path[] = "/tmp/sekisho-fuzz-XXXXXX", message[256];
	int fd;

	if (words != NULL)
		return words;
	fd = mkstemp(path);
	if (fd < 0 || write(fd, text, sizeof text - 1) != sizeof text - 1 ||
	    close(fd) != 0 ||
	    words_open(path, path, &words, message, sizeof message) != ERR_OK)
		abort();
	(void)unlink(path);
	return words;
}

/* A password, and behind a NUL a date of birth and a number. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
	    "hanako", "\xe8\x8a\xb1\xe5\xad\x90", NULL};
	char rest[256] = "", read[BIRTH_DATE], folded[FOLD_MAX];
	const uint8_t *nul = memchr(data, 0, size);
	size_t len = nul == NULL ? size : (size_t)(nul - data);
	struct guess_about about = {"sato", names, rest, rest};
	enum guess_fault fault = GUESS_GOOD;

	if (nul != NULL && size - len - 1 < sizeof rest)
		memcpy(rest, nul + 1, size - len - 1);
	if (birth_read(rest, read) == ERR_OK && strlen(read) != BIRTH_DATE - 1)
		abort();
	if (fold(data, len, folded) == ERR_OK &&
	    u8_check((uint8_t *)folded, strlen(folded)) != NULL)
		abort();
	/* as password_normalise lets it through */
	if (len == 0 || len > PASSWORD || u8_check(data, len) != NULL)
		return 0;
	if (guess_judge(list(), &about, data, len, 36, &fault) == ERR_OK &&
	    fault >= GUESS_FAULTS)
		abort();
	if (guess_similar(data, len, data, len, &fault) == ERR_OK &&
	    fault != GUESS_SIMILAR)
		abort();
	return 0;
}
