/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rights.h - how a helper stops being root. Whoever is not root stays who he
 * is.
 */
#ifndef SEKISHO_TERMINAL_RIGHTS_H
#define SEKISHO_TERMINAL_RIGHTS_H

#include "cardtools/terminal/settings.h"
#include "common/base/log.h"

/* To the settings' user, and to nothing else for ever. Logs what fails. */
MUST_CHECK enum error rights_drop(const struct settings *settings);

enum log_level rights_log_level(const struct settings *settings);

#endif
