/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius-plugin/attrs.h"

#include <sodium.h>
#include <string.h>

enum { COLLECT_MAX = 256 }; /* radiusd.conf, max_attributes: 200 */

REQUEST *
attrs_outermost(REQUEST *request)
{
	while (request->parent != NULL)
		request = request->parent;
	return request;
}

static bool
written_by_user(unsigned vendor, unsigned number)
{
	if (vendor == VENDOR_SEKISHO)
		return number == ATTR_SEKISHO_CAPABILITY ||
		       number == ATTR_SEKISHO_KEY_ID ||
		       number == ATTR_SEKISHO_SIGNATURE ||
		       number == ATTR_SEKISHO_SCHEME ||
		       number == ATTR_SEKISHO_PURPOSE ||
		       number == ATTR_SEKISHO_PUBLIC_KEY ||
		       number == ATTR_SEKISHO_PROOF ||
		       number == ATTR_SEKISHO_AUTH_DATA;
	if (vendor == VENDOR_MICROSOFT)
		return number == ATTR_MS_CHAP_RESPONSE ||
		       number == ATTR_MS_CHAP2_RESPONSE;
	return vendor == VENDOR_NONE &&
	       (number == ATTR_USER_NAME || number == ATTR_USER_PASSWORD ||
		   number == ATTR_CHAP_PASSWORD || number == ATTR_STATE);
}

/* The same inside PEAP, where State is FreeRADIUS's own. */
static bool
written_by_peer(unsigned vendor, unsigned number)
{
	return written_by_user(vendor, number) &&
	       !(vendor == VENDOR_NONE && number == ATTR_STATE);
}

static bool
written_by_nas(unsigned vendor, unsigned number)
{
	static const unsigned numbers[] = {ATTR_NAS_PORT, ATTR_SERVICE_TYPE,
	    ATTR_CALLED_STATION_ID, ATTR_CALLING_STATION_ID,
	    ATTR_NAS_IDENTIFIER, ATTR_PROXY_STATE, ATTR_ACCT_SESSION_ID,
	    ATTR_MESSAGE_AUTHENTICATOR};
	size_t i;

	/* the terminal's reader has read it; nobody in a tunnel has */
	if (vendor == VENDOR_SEKISHO)
		return number == ATTR_SEKISHO_BADGE;
	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (vendor == VENDOR_NONE && number == numbers[i])
			return true;
	return false;
}

/* What FreeRADIUS says of a certificate once it has verified it. */
static bool
of_certificate(unsigned vendor, unsigned number)
{
	return vendor == VENDOR_NONE &&
	       (number == ATTR_USER_NAME ||
		   number == ATTR_TLS_CLIENT_CERT_SERIAL ||
		   number == ATTR_TLS_CLIENT_CERT_ISSUER);
}

static bool
of_accounting(unsigned vendor, unsigned number)
{
	static const unsigned numbers[] = {ATTR_USER_NAME, ATTR_NAS_PORT,
	    ATTR_FRAMED_IP_ADDRESS, ATTR_CLASS, ATTR_CALLED_STATION_ID,
	    ATTR_CALLING_STATION_ID, ATTR_ACCT_STATUS_TYPE,
	    ATTR_ACCT_DELAY_TIME, ATTR_ACCT_INPUT_OCTETS,
	    ATTR_ACCT_OUTPUT_OCTETS, ATTR_ACCT_SESSION_ID,
	    ATTR_ACCT_SESSION_TIME, ATTR_ACCT_TERMINATE_CAUSE,
	    ATTR_ACCT_INPUT_GIGAWORDS, ATTR_ACCT_OUTPUT_GIGAWORDS,
	    ATTR_EVENT_TIMESTAMP};
	size_t i;

	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (vendor == VENDOR_NONE && number == numbers[i])
			return true;
	return false;
}

/* The value as on the wire; false for a type that none of ours has. */
static bool
octets(const VALUE_PAIR *vp, struct arena *arena, struct attribute *ret_attr)
{
	uint32_t number;
	void *copy;

	if (vp->da->type == PW_TYPE_STRING || vp->da->type == PW_TYPE_OCTETS) {
		ret_attr->value = vp->vp_octets;
		ret_attr->len = vp->vp_length;
	} else if (vp->da->type == PW_TYPE_INTEGER ||
		   vp->da->type == PW_TYPE_DATE ||
		   vp->da->type == PW_TYPE_IPV4_ADDR) {
		/* an address is as on the wire already */
		number = vp->da->type == PW_TYPE_INTEGER ? htonl(vp->vp_integer)
			 : vp->da->type == PW_TYPE_DATE	 ? htonl(vp->vp_date)
							 : vp->vp_ipaddr;
		copy = arena_alloc(arena, sizeof number);
		if (copy == NULL)
			return false;
		memcpy(copy, &number, sizeof number);
		ret_attr->value = copy;
		ret_attr->len = sizeof number;
	} else {
		return false;
	}
	ret_attr->vendor = vp->da->vendor;
	ret_attr->number = vp->da->attr;
	return true;
}

static enum error
collect(const VALUE_PAIR *vp, bool (*wanted)(unsigned vendor, unsigned number),
    struct arena *arena, struct attribute *attrs, size_t *n)
{
	for (; vp != NULL; vp = vp->next) {
		if (!wanted(vp->da->vendor, vp->da->attr))
			continue;
		if (*n == COLLECT_MAX)
			return ERR_INPUT;
		if (octets(vp, arena, &attrs[*n]))
			(*n)++;
	}
	return ERR_OK;
}

/* Told by the server, as a tunnel's user could write attributes of any number.
 */
bool
attrs_of_certificate(const REQUEST *request)
{
	return request->parent != NULL && request->server != NULL &&
	       strcmp(request->server, ATTRS_TLS_SERVER) == 0;
}

static bool (*what_of(REQUEST *request))(unsigned vendor, unsigned number)
{
	if (attrs_of_certificate(request))
		return of_certificate;
	return request->parent != NULL &&
		       attrs_present(request, ATTR_EAP_MESSAGE)
		   ? written_by_peer
		   : written_by_user;
}

enum error
attrs_collect(REQUEST *request, struct arena *arena,
    struct attribute **ret_attrs, size_t *ret_n)
{
	struct attribute *attrs;
	size_t n = 0;
	enum error err;

	attrs = arena_alloc(arena, COLLECT_MAX * sizeof *attrs);
	if (attrs == NULL)
		return ERR_NOMEM;
	err = collect(request->packet->vps, what_of(request), arena, attrs, &n);
	if (err == ERR_OK)
		err = collect(attrs_outermost(request)->packet->vps,
		    written_by_nas, arena, attrs, &n);
	if (err != ERR_OK)
		return err;
	*ret_attrs = attrs;
	*ret_n = n;
	return ERR_OK;
}

enum error
attrs_collect_account(REQUEST *request, struct arena *arena,
    struct attribute **ret_attrs, size_t *ret_n)
{
	struct attribute *attrs;
	size_t n = 0;
	enum error err;

	attrs = arena_alloc(arena, COLLECT_MAX * sizeof *attrs);
	if (attrs == NULL)
		return ERR_NOMEM;
	err = collect(request->packet->vps, of_accounting, arena, attrs, &n);
	if (err != ERR_OK)
		return err;
	*ret_attrs = attrs;
	*ret_n = n;
	return ERR_OK;
}

bool
attrs_present(REQUEST *request, unsigned number)
{
	return fr_pair_find_by_num(request->packet->vps, number, 0, TAG_ANY) !=
	       NULL;
}

bool
attrs_over_tls(const REQUEST *outer)
{
	return outer->listener != NULL && outer->listener->tls != NULL;
}

bool
attrs_forgeable(REQUEST *request)
{
	REQUEST *outer = attrs_outermost(request);

	return !attrs_over_tls(outer) &&
	       attrs_present(outer, ATTR_PROXY_STATE) &&
	       !attrs_present(outer, ATTR_MESSAGE_AUTHENTICATOR);
}

/* Of any type that FreeRADIUS's dictionaries have: it reads its own octets. */
static VALUE_PAIR *
decoded(REQUEST *request, const struct attribute *attr)
{
	const DICT_ATTR *da = dict_attrbyvalue(attr->number, attr->vendor);
	VALUE_PAIR *vp = NULL;

	if (da == NULL || data2vp(request->reply, NULL, NULL, NULL, da,
			      attr->value, attr->len, attr->len, &vp) < 0)
		return NULL;
	return vp;
}

static VALUE_PAIR *
pair(REQUEST *request, const struct attribute *attr)
{
	VALUE_PAIR *vp;
	uint32_t number;

	vp = fr_pair_afrom_num(request->reply, attr->number, attr->vendor);
	if (vp == NULL)
		return NULL;
	if (vp->da->flags.has_tag) {
		fr_pair_list_free(&vp);
		return decoded(request, attr);
	}
	if (vp->da->type == PW_TYPE_STRING) {
		fr_pair_value_bstrncpy(vp, attr->value, attr->len);
	} else if (vp->da->type == PW_TYPE_OCTETS) {
		fr_pair_value_memcpy(vp, attr->value, attr->len);
	} else if (vp->da->type == PW_TYPE_INTEGER && attr->len == 4) {
		memcpy(&number, attr->value, sizeof number);
		vp->vp_integer = ntohl(number);
		vp->vp_length = 4;
	} else {
		fr_pair_list_free(&vp);
		return decoded(request, attr);
	}
	return vp;
}

enum error
attrs_reply(REQUEST *request, const struct reply *reply)
{
	VALUE_PAIR *list = NULL, *vp;
	size_t i;
	/* RFC 3579 2.6.5: it would go beside the EAP message, not into it */
	const bool mute =
	    reply->outcome != SEKISHO__OUTCOME__OUTCOME_CHALLENGE &&
	    attrs_present(attrs_outermost(request), ATTR_EAP_MESSAGE);

	for (i = 0; i < reply->n_attrs; i++) {
		if (mute && reply->attrs[i].vendor == VENDOR_NONE &&
		    reply->attrs[i].number == ATTR_REPLY_MESSAGE)
			continue;
		vp = pair(request, &reply->attrs[i]);
		if (vp == NULL) {
			fr_pair_list_free(&list);
			return ERR_NOMEM;
		}
		fr_pair_add(&list, vp);
	}
	fr_pair_add(&request->reply->vps, list);
	return ERR_OK;
}

const VALUE_PAIR *
attrs_class(const REQUEST *request)
{
	const VALUE_PAIR *vp;

	vp = fr_pair_find_by_num(request->reply->vps, ATTR_CLASS, 0, TAG_ANY);
	/* where FreeRADIUS puts what a TLS session has remembered */
	if (vp == NULL)
		vp =
		    fr_pair_find_by_num(request->state, ATTR_CLASS, 0, TAG_ANY);
	return vp;
}

/* EAP-Failure (RFC 3748 4.2) with the identifier of the packet it answers. */
static VALUE_PAIR *
eap_failure(REQUEST *request)
{
	const VALUE_PAIR *asked;
	uint8_t failure[4] = {4, 0, 0, 4};
	VALUE_PAIR *vp;

	asked = fr_pair_find_by_num(
	    request->packet->vps, ATTR_EAP_MESSAGE, 0, TAG_ANY);
	vp = fr_pair_afrom_num(request->reply, ATTR_EAP_MESSAGE, 0);
	if (vp == NULL || asked == NULL || asked->vp_length < 4) {
		fr_pair_list_free(&vp);
		return NULL;
	}
	failure[1] = asked->vp_octets[1];
	fr_pair_value_memcpy(vp, failure, sizeof failure);
	return vp;
}

enum error
attrs_eap_reject(REQUEST *request)
{
	VALUE_PAIR *vp = eap_failure(request);

	if (vp == NULL)
		return ERR_NOMEM;
	/* keys and grants go with it */
	fr_pair_list_free(&request->reply->vps);
	fr_pair_add(&request->reply->vps, vp);
	request->reply->code = PW_CODE_ACCESS_REJECT;
	return ERR_OK;
}

enum error
attrs_regrant(REQUEST *request, const struct reply *reply)
{
	static const unsigned keep[] = {
	    ATTR_EAP_MESSAGE, ATTR_MESSAGE_AUTHENTICATOR};
	VALUE_PAIR *old = request->reply->vps, *vp, **at;
	enum error err;
	size_t i;

	request->reply->vps = NULL;
	err = attrs_reply(request, reply);
	/* what FreeRADIUS's EAP adds stays: its message and the session's keys
	 */
	for (at = &old; (vp = *at) != NULL;) {
		bool kept = vp->da->vendor == VENDOR_MICROSOFT;

		for (i = 0; i < sizeof keep / sizeof keep[0]; i++)
			kept |= vp->da->vendor == VENDOR_NONE &&
				vp->da->attr == keep[i];
		if (!kept) {
			at = &vp->next;
			continue;
		}
		*at = vp->next;
		vp->next = NULL;
		fr_pair_add(&request->reply->vps, vp);
	}
	fr_pair_list_free(&old);
	return err;
}

enum error
attrs_authenticator_first(REQUEST *request)
{
	static const uint8_t zero[16];
	VALUE_PAIR *vp;

	vp = fr_pair_afrom_num(request->reply, ATTR_MESSAGE_AUTHENTICATOR, 0);
	if (vp == NULL)
		return ERR_NOMEM;
	fr_pair_value_memcpy(vp, zero, sizeof zero);
	fr_pair_delete_by_num(
	    &request->reply->vps, ATTR_MESSAGE_AUTHENTICATOR, 0, TAG_ANY);
	vp->next = request->reply->vps;
	request->reply->vps = vp;
	return ERR_OK;
}

void
attrs_wipe(REQUEST *request)
{
	VALUE_PAIR *vp;

	for (vp = request->packet->vps; vp != NULL; vp = vp->next)
		if (vp->da->vendor == VENDOR_NONE &&
		    vp->da->attr == ATTR_USER_PASSWORD)
			sodium_memzero(vp->data.ptr, vp->vp_length);
}
