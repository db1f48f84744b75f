/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardtools/feed/framer.h"
#include "cardtools/feed/input.h"
#include "cardtools/feed/place.h"
#include "common/base/clock.h"
#include "common/base/log.h"

enum {
	LOOK_MS = 100,
	/* a writer may still hold what was renamed: so long it is watched */
	GRACE_MS = 1500,
};

struct file_input {
	struct input input;
	const char *path;
	int fd;
	uint64_t base;	 /* of the framer's count, in the file */
	uint64_t before; /* where the last line began */
	int64_t quiet;	 /* replaced, and at its end, since then; 0: not */
	bool missing;	 /* already said */
	uint64_t inode;
	struct framer framer;
};

static struct file_input *
self(struct input *input)
{
	return (struct file_input *)(void *)input;
}

static uint64_t
offset_of(const struct file_input *in)
{
	return in->base + in->framer.passed;
}

/* A plain file, or -1. Never waits, whatever stands there. */
static int
open_plain(const char *path, struct stat *ret_st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0 && (fstat(fd, ret_st) != 0 || !S_ISREG(ret_st->st_mode))) {
		(void)close(fd);
		fd = -1;
		errno = EINVAL;
	}
	return fd;
}

static enum error
take_file(struct file_input *in, int fd, const struct stat *st, uint64_t offset)
{
	if (lseek(fd, (off_t)offset, SEEK_SET) < 0) {
		(void)close(fd);
		return ERR_SYSTEM;
	}
	if (in->fd >= 0)
		(void)close(in->fd);
	in->fd = fd;
	in->inode = (uint64_t)st->st_ino;
	in->base = in->before = offset;
	in->quiet = 0;
	framer_begin(&in->framer, false);
	return ERR_OK;
}

/* A name that rotation may have given: "PATH.1", "PATH-20261125". */
static bool
is_rotated(const char *base, const char *name)
{
	static const char *const packed[] = {".gz", ".xz", ".bz2", ".zst"};
	const size_t len = strlen(base), name_len = strlen(name);
	size_t i;

	if (strncmp(base, name, len) != 0 || name_len <= len)
		return false;
	/* "doors" is not what became of "door" */
	if (name[len] != '.' && name[len] != '-')
		return false;
	for (i = 0; i < sizeof packed / sizeof packed[0]; i++) {
		const size_t end = strlen(packed[i]);

		if (name_len > end &&
		    strcmp(name + name_len - end, packed[i]) == 0)
			return false;
	}
	return true;
}

static bool
later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec
				      : a->tv_nsec > b->tv_nsec;
}

/*
 * Among what rotation left: the file of that inode, or, with 0, the one that
 * was written to first after a time. -1 if there is none.
 */
static int
find_rotated(const struct file_input *in, uint64_t inode, uint64_t not_inode,
    const struct timespec *after, struct stat *ret_st)
{
	const char *slash = strrchr(in->path, '/');
	char folder[1025], path[1400];
	struct dirent *entry;
	struct stat st;
	int found = -1, fd;
	DIR *dir;

	(void)snprintf(folder, sizeof folder, "%.*s",
	    (int)(slash - in->path + 1), in->path);
	dir = opendir(folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (!is_rotated(slash + 1, entry->d_name))
			continue;
		(void)snprintf(
		    path, sizeof path, "%s%s", folder, entry->d_name);
		fd = open_plain(path, &st);
		if (fd < 0)
			continue;
		if (inode != 0 ? (uint64_t)st.st_ino == inode
			       : (uint64_t)st.st_ino != not_inode &&
				     later(&st.st_mtim, after) &&
				     (found < 0 || later(&ret_st->st_mtim,
						       &st.st_mtim))) {
			if (found >= 0)
				(void)close(found);
			found = fd;
			*ret_st = st;
		} else {
			(void)close(fd);
		}
	}
	if (dir != NULL)
		(void)closedir(dir);
	return found;
}

/* What was written next: an older file that was missed, or the path's own. */
static enum error
open_next(struct file_input *in)
{
	struct stat now, st;
	int fd = -1;

	if (in->fd >= 0 && fstat(in->fd, &now) == 0)
		fd = find_rotated(in, 0, in->inode, &now.st_mtim, &st);
	if (fd < 0)
		fd = open_plain(in->path, &st);
	if (fd < 0)
		return ERR_NOTFOUND;
	log_info("another file", "path", in->path, "inode",
	    log_num((int64_t)st.st_ino));
	return take_file(in, fd, &st, 0);
}

static bool
readable(const struct file_input *in)
{
	return access(in->path, R_OK) == 0;
}

static void
attend(struct input *input, int timeout_ms)
{
	struct file_input *in = self(input);

	if (readable(in)) {
		in->missing = false;
		return;
	}
	if (!in->missing)
		log_warn("the file cannot be read: waiting for it", "path",
		    in->path, "why", log_errno());
	in->missing = true;
	(void)poll(NULL, 0, timeout_ms);
}

static bool
alive(const struct input *input)
{
	return readable((const struct file_input *)(const void *)input);
}

static enum error
start(struct input *input, const char *cursor)
{
	struct file_input *in = self(input);
	struct place place;
	struct stat st;
	int fd;

	fd = open_plain(in->path, &st);
	if (fd < 0)
		return ERR_SYSTEM;
	if (cursor[0] == '\0')
		return take_file(in, fd, &st, 0);
	if (place_read(cursor, &place) == ERR_OK) {
		if (place_fits(&place, fd))
			return take_file(in, fd, &st, place.offset);
		(void)close(fd);
		/* it was rotated meanwhile: first its rest, then the others */
		fd = find_rotated(in, place.inode, 0, NULL, &st);
		if (fd >= 0 && place_fits(&place, fd))
			return take_file(in, fd, &st, place.offset);
	}
	if (fd >= 0)
		(void)close(fd);
	/* Repetitions do no harm; what is gone cannot be had. */
	log_warn("the place in the file is lost: from its beginning", "path",
	    in->path, "cursor", cursor);
	fd = open_plain(in->path, &st);
	return fd < 0 ? ERR_SYSTEM : take_file(in, fd, &st, 0);
}

static enum error
line_of(struct file_input *in, size_t len, struct line *ret_line)
{
	in->before = in->base + in->framer.begun;
	ret_line->text = in->framer.line;
	ret_line->len = len;
	ret_line->too_long = in->framer.too_long;
	(void)snprintf(ret_line->place, sizeof ret_line->place,
	    "%" PRIu64 " %" PRIu64, in->inode, in->before);
	return ERR_OK;
}

/* At the end: has the file become shorter, or another? */
static enum error
look_around(struct file_input *in, struct line *ret_line)
{
	struct stat path, own;
	size_t len;

	if (in->fd < 0)
		return open_next(in) == ERR_OK ? ERR_OK : ERR_TIMEOUT;
	if (fstat(in->fd, &own) != 0)
		return ERR_SYSTEM;
	if ((uint64_t)own.st_size < in->base + in->framer.taken) {
		log_warn("the file became shorter: from its beginning", "path",
		    in->path);
		if (lseek(in->fd, 0, SEEK_SET) < 0)
			return ERR_SYSTEM;
		in->base = in->before = 0;
		framer_begin(&in->framer, false);
		return ERR_OK;
	}
	if (stat(in->path, &path) != 0 ||
	    (path.st_ino == own.st_ino && path.st_dev == own.st_dev)) {
		in->quiet = 0;
		return ERR_TIMEOUT;
	}
	if (in->quiet == 0)
		in->quiet = clock_ms();
	if (clock_ms() - in->quiet < GRACE_MS)
		return ERR_TIMEOUT;
	/* nobody will end its last line any more */
	if (framer_rest(&in->framer, &len) == ERR_OK) {
		(void)line_of(in, len, ret_line);
		return ERR_CLOSED;
	}
	return open_next(in) == ERR_OK ? ERR_OK : ERR_TIMEOUT;
}

static enum error
next(struct input *input, int timeout_ms, struct line *ret_line)
{
	struct file_input *in = self(input);
	const int64_t deadline = clock_ms() + timeout_ms;
	enum error err;
	size_t len, room;
	int64_t left;
	ssize_t n;
	char *to;

	for (;;) {
		if (framer_next(&in->framer, &len) == ERR_OK)
			return line_of(in, len, ret_line);
		to = framer_room(&in->framer, &room);
		n = in->fd < 0 ? 0 : read(in->fd, to, room);
		if (n < 0 && errno != EINTR)
			return ERR_SYSTEM;
		if (n > 0) {
			framer_fed(&in->framer, (size_t)n);
			in->quiet = 0;
			continue;
		}
		err = look_around(in, ret_line);
		if (err == ERR_CLOSED)
			return ERR_OK; /* the last line of the old one */
		if (err == ERR_OK)
			continue;
		if (err != ERR_TIMEOUT)
			return err;
		left = deadline - clock_ms();
		if (left <= 0)
			return ERR_TIMEOUT;
		if (poll(NULL, 0, left < LOOK_MS ? (int)left : LOOK_MS) < 0)
			return ERR_TIMEOUT; /* a signal */
	}
}

static enum error
cursor(struct input *input, char ret_cursor[CURSOR_MAX])
{
	struct file_input *in = self(input);
	struct place place;
	enum error err;

	ret_cursor[0] = '\0';
	if (in->fd < 0)
		return ERR_OK;
	err = place_take(
	    in->fd, offset_of(in), offset_of(in) - in->before, &place);
	if (err == ERR_OK)
		place_write(&place, ret_cursor);
	return err;
}

static void
committed(struct input *input)
{
	(void)input; /* the cursor was part of it */
}

static void
close_input(struct input **input)
{
	if (*input != NULL && self(*input)->fd >= 0)
		(void)close(self(*input)->fd);
	free(*input);
	*input = NULL;
}

static const struct input_kind file_kind = {
    attend, alive, start, next, cursor, committed, close_input};

enum error
input_file(const struct feedconf *conf, struct input **ret_input)
{
	struct file_input *in = calloc(1, sizeof *in);

	if (in == NULL)
		return ERR_NOMEM;
	in->input.kind = &file_kind;
	in->path = conf->path;
	in->fd = -1;
	framer_begin(&in->framer, false);
	*ret_input = &in->input;
	return ERR_OK;
}
