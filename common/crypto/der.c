/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/der.h"

#include <sodium.h>

bool
der_take(struct der *in, unsigned tag, struct der *ret_contents)
{
	const unsigned char *p = in->octets;
	size_t head = 2, len, i;

	if (in->len < 2 || p[0] != tag)
		return false;
	len = p[1];
	if (len >= 0x80) {
		size_t more = len - 0x80;

		/* 80: indefinite; nothing here is as long as 16 MiB */
		if (more == 0 || more > 3 || in->len < 2 + more)
			return false;
		for (i = 0, len = 0; i < more; i++)
			len = len << 8 | p[2 + i];
		if (len < 0x80 || len >> 8 * (more - 1) == 0)
			return false; /* not the shortest form */
		head += more;
	}
	if (len > in->len - head)
		return false;
	*ret_contents = (struct der){p + head, len};
	in->octets += head + len;
	in->len -= head + len;
	return true;
}

bool
der_take_whole(struct der *in, unsigned tag, struct der *ret_value)
{
	const unsigned char *begin = in->octets;
	struct der contents;

	if (!der_take(in, tag, &contents))
		return false;
	*ret_value = (struct der){begin, (size_t)(in->octets - begin)};
	return true;
}

bool
der_only(struct der in, unsigned tag, struct der *ret_contents)
{
	return der_take(&in, tag, ret_contents) && in.len == 0;
}

bool
der_positive(struct der *in, struct der *ret_number)
{
	struct der n;

	if (!der_take(in, DER_INTEGER, &n) || n.len == 0 ||
	    (n.octets[0] & 0x80) != 0)
		return false;
	if (n.octets[0] == 0) {
		n.octets++;
		n.len--;
		if (n.len == 0 || (n.octets[0] & 0x80) == 0)
			return false; /* zero, or not the shortest form */
	}
	*ret_number = n;
	return true;
}

bool
der_skip(struct der *in, const void *octets, size_t len)
{
	if (in->len < len || sodium_memcmp(in->octets, octets, len) != 0)
		return false;
	in->octets += len;
	in->len -= len;
	return true;
}
