/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sodium.h>
#include <string.h>

#include "cardtools/freeradius.h"
#include "cardtools/grant.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "common/base/hex.h"

enum { HEADER = 2, VENDOR_HEADER = 8, ENCODED_MAX = 255 };

#define DICTIONARIES "/usr/share/freeradius"

/* As it is sent, without what says whose and which it is (RFC 2865 5.26). */
static enum status
encode(const VALUE_PAIR *vp, const char *value, json_t *list)
{
	const size_t header = vp->da->vendor != 0 ? VENDOR_HEADER : HEADER;
	unsigned char octets[ENCODED_MAX];
	char hex[2 * ENCODED_MAX + 1];
	const VALUE_PAIR *at = vp;
	int len;

	len = rad_vp2attr(NULL, NULL, NULL, &at, octets, sizeof octets);
	if (len <= (int)header || at != NULL || octets[1] != len ||
	    (vp->da->vendor != 0 && octets[7] != len - 6)) {
		say(_("%s cannot be granted: it is longer than one attribute, "
		      "or of a form that is not sent here"),
		    vp->da->name);
		return STATUS_USAGE;
	}
	hex_encode(octets + header, (size_t)len - header, hex);
	(void)json_array_append_new(list,
	    json_pack("{s:s, s:s, s:i, s:i, s:s}", "attribute", vp->da->name,
		"value", value, "vendor", (int)vp->da->vendor, "number",
		(int)vp->da->attr, "octets", hex));
	return STATUS_DONE;
}

static const DICT_ATTR *
find(const char *attribute)
{
	static bool ready;
	const DICT_ATTR *da;

	if (!ready) {
		fr_log_fp = NULL;
		fr_dns_lookups = false;
		fr_hostname_lookups = false;
		if (dict_init(DICTIONARIES, "dictionary") != 0) {
			say(_("FreeRADIUS's dictionaries cannot be read from "
			      "%s: %s; install freeradius-common"),
			    DICTIONARIES, fr_strerror());
			return NULL;
		}
		ready = true;
	}
	da = dict_attrbyname(attribute);
	if (da == NULL)
		say(_("“%s” is neither vlan, filter-id, termination-action "
		      "nor an attribute of FreeRADIUS's dictionaries (%s)"),
		    attribute, DICTIONARIES);
	return da;
}

enum status
grant_of_dictionary(const char *attribute, const char *value,
    const char **ret_name, json_t **ret_list)
{
	const DICT_ATTR *da = find(attribute);
	enum status status = STATUS_USAGE;
	VALUE_PAIR *vp;

	if (da == NULL)
		return STATUS_USAGE;
	*ret_name = da->name;
	*ret_list = json_array();
	if (value == NULL)
		return STATUS_DONE;
	/* tagged ones are what vlan makes; hidden ones need a request */
	if (da->attr > 255 || da->flags.has_tag || da->flags.extended ||
	    da->flags.evs || da->flags.long_extended || da->flags.is_tlv ||
	    da->flags.has_tlv || da->flags.virtual ||
	    da->flags.encrypt != FLAG_ENCRYPT_NONE) {
		say(_("%s cannot be granted: FreeRADIUS keeps it to itself, or "
		      "it is of a form that is not sent here"),
		    da->name);
	} else {
		vp = fr_pair_make(NULL, NULL, da->name, value, T_OP_EQ);
		if (vp == NULL)
			say(_("%s: “%s” is no value of it: %s"), da->name,
			    value, fr_strerror());
		else
			status = encode(vp, value, *ret_list);
		fr_pair_list_free(&vp);
	}
	if (status != STATUS_DONE) {
		json_decref(*ret_list);
		*ret_list = NULL;
	}
	return status;
}
