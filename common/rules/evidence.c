/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/evidence.h"

#include <string.h>

const char *
category_text(enum category category)
{
	switch (category) {
	case CATEGORY_NONE:
		return "none";
	case CATEGORY_KNOWLEDGE:
		return "knowledge";
	case CATEGORY_POSSESSION:
		return "possession";
	case CATEGORY_INHERENCE:
		return "inherence";
	}
	return "none";
}

const char *
method_text(enum method method)
{
	switch (method) {
	case METHOD_NONE:
		return "none";
	case METHOD_PASSWORD:
		return "password";
	case METHOD_TOTP:
		return "totp";
	case METHOD_CARD:
		return "card";
	case METHOD_PIN:
		return "pin";
	case METHOD_DOOR:
		return "door";
	case METHOD_FIDO2:
		return "fido2";
	case METHOD_UV:
		return "uv";
	}
	return "none";
}

enum category
category_from_text(const char *text)
{
	if (strcmp(text, "knowledge") == 0)
		return CATEGORY_KNOWLEDGE;
	if (strcmp(text, "possession") == 0)
		return CATEGORY_POSSESSION;
	if (strcmp(text, "inherence") == 0)
		return CATEGORY_INHERENCE;
	return CATEGORY_NONE;
}

const char *
purpose_text(enum purpose purpose)
{
	switch (purpose) {
	case PURPOSE_LOGIN:
		return "login";
	case PURPOSE_ENTRY:
		return "entry";
	case PURPOSE_NETWORK_DEVICE:
		return "network-device";
	case PURPOSE_PASSWORD_CHANGE:
		return "password-change";
	case PURPOSE_OPERATOR:
		return "operator";
	}
	return "login";
}

enum method
method_from_text(const char *text)
{
	if (strcmp(text, "password") == 0)
		return METHOD_PASSWORD;
	if (strcmp(text, "totp") == 0)
		return METHOD_TOTP;
	if (strcmp(text, "card") == 0)
		return METHOD_CARD;
	if (strcmp(text, "pin") == 0)
		return METHOD_PIN;
	if (strcmp(text, "door") == 0)
		return METHOD_DOOR;
	if (strcmp(text, "fido2") == 0)
		return METHOD_FIDO2;
	if (strcmp(text, "uv") == 0)
		return METHOD_UV;
	return METHOD_NONE;
}

enum category
method_category(enum method method)
{
	switch (method) {
	case METHOD_NONE:
		return CATEGORY_NONE;
	case METHOD_PASSWORD:
	case METHOD_PIN:
	case METHOD_UV:
		return CATEGORY_KNOWLEDGE;
	case METHOD_TOTP:
	case METHOD_CARD:
	case METHOD_DOOR:
	case METHOD_FIDO2:
		return CATEGORY_POSSESSION;
	}
	return CATEGORY_NONE;
}
