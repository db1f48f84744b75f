/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/rights.h"

#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum error
rights_drop(const struct settings *s)
{
	uid_t uid;
	gid_t gid;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		return ERR_SYSTEM;
	if (geteuid() != 0)
		return ERR_OK;
	if (settings_user(s->user, &uid, &gid) != ERR_OK || uid == 0) {
		log_error("user is not there, or is root", "user", s->user);
		return ERR_CONFIG;
	}
	if (setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		return ERR_SYSTEM;
	return ERR_OK;
}

enum log_level
rights_log_level(const struct settings *s)
{
	return strcmp(s->log_level, "error") == 0  ? LOG_LEVEL_ERROR
	       : strcmp(s->log_level, "warn") == 0 ? LOG_LEVEL_WARN
						   : LOG_LEVEL_INFO;
}
