/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/qr.h"

#include <errno.h>
#include <fcntl.h>
#include <png.h>
#include <qrencode.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardtools/output.h"

enum { QUIET = 4, PIXELS = 6 }; /* margin in modules; pixels per module */

static QRcode *
make(const char *text)
{
	return QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
}

static void
drop(QRcode *code)
{
	sodium_memzero(code->data, (size_t)code->width * (size_t)code->width);
	QRcode_free(code);
}

/* The margin is white. */
static bool
black(const QRcode *code, int x, int y)
{
	return x >= 0 && y >= 0 && x < code->width && y < code->width &&
	       (code->data[y * code->width + x] & 1) != 0;
}

enum error
qr_print(const char *text, bool in_colour)
{
	/* White is the ink: most terminals are dark. */
	static const char *const blocks[] = {"█", "▀", "▄", " "};
	QRcode *code = make(text);
	int x, y;

	if (code == NULL)
		return errno == ENOMEM ? ERR_NOMEM : ERR_INPUT;
	for (y = -QUIET; y < code->width + QUIET; y += 2) {
		if (in_colour)
			out("\033[40;97m");
		for (x = -QUIET; x < code->width + QUIET; x++)
			out("%s", blocks[2 * black(code, x, y) +
					 black(code, x, y + 1)]);
		out("%s\n", in_colour ? "\033[0m" : "");
	}
	drop(code);
	return ERR_OK;
}

static enum error
write_png(const QRcode *code, FILE *file)
{
	const int side = (code->width + 2 * QUIET) * PIXELS;
	png_image image = {.version = PNG_IMAGE_VERSION,
	    .width = (png_uint_32)side,
	    .height = (png_uint_32)side,
	    .format = PNG_FORMAT_GRAY};
	const size_t size = (size_t)side * (size_t)side;
	unsigned char *pixels = malloc(size);
	enum error err = ERR_OK;
	int x, y;

	if (pixels == NULL)
		return ERR_NOMEM;
	for (y = 0; y < side; y++) {
		for (x = 0; x < side; x++)
			pixels[(size_t)y * (size_t)side + (size_t)x] =
			    black(code, x / PIXELS - QUIET, y / PIXELS - QUIET)
				? 0
				: 255;
	}
	if (png_image_write_to_stdio(&image, file, 0, pixels, 0, NULL) == 0)
		err = ERR_SYSTEM;
	sodium_memzero(pixels, size);
	free(pixels);
	return err;
}

enum error
qr_png(const char *text, const char *path)
{
	enum error err = ERR_SYSTEM;
	FILE *file = NULL;
	QRcode *code;
	int fd, why;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return ERR_SYSTEM;
	code = make(text);
	if (code != NULL)
		file = fdopen(fd, "wb");
	if (file != NULL) {
		err = write_png(code, file);
		if (fclose(file) != 0)
			err = ERR_SYSTEM;
	} else {
		(void)close(fd);
	}
	if (code != NULL)
		drop(code);
	if (err != ERR_OK) {
		why = errno;
		(void)unlink(path);
		errno = why;
	}
	return err;
}
