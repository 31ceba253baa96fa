/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which patches are releases of one series, by their names, and which is later. */
#include "config.h"

#include <ctype.h>
#include <strings.h>

#include "libklpdep/view/coverage.h"
#include "libklpdep/view/series.h"

/* Numbers after these words name a thing, and not a release of it: two patches for two of
 * them are both wanted. */
static const char *const identifiers[] = { "cve", "bug", "bz", "bsc", "ghsa", "issue" };

/* Suffixes of distributions after a release, with a number of their own: 1.cm2, 1.el9_4. */
static const char *const tags[] = { "amzn", "azl", "cm", "el", "fc", "oe", "ph" };

static bool is_separator(char c)
{
	return c == '_' || c == '-' || c == '.';
}

static bool is_of_version(char c)
{
	return isdigit((unsigned char)c) || is_separator(c);
}

/* The length of such a suffix at the end of @name, with the separator before it. */
static size_t tag_length(const char *name)
{
	size_t end = strlen(name), start = end;

	while (start > 0 && is_of_version(name[start - 1]))
		start--;
	for (size_t i = 0; start < end && i < KLP_ARRAY_SIZE(tags); i++) {
		size_t len = strlen(tags[i]), at = start - len;

		if (start > len + 1 && isdigit((unsigned char)name[start]) &&
		    strncmp(name + at, tags[i], len) == 0 && is_separator(name[at - 1]) &&
		    isdigit((unsigned char)name[at - 2]))
			return end - at + 1;
	}
	return 0;
}

/* The length of the text before the number or version at the end of @name; 0 if it has
 * none, or nothing else.  In "klp_kvm_4" that text is "klp_kvm", in "lp7" it is "lp". */
static size_t stem_length(const char *name)
{
	size_t end = strlen(name) - tag_length(name), start = end;

	/* 1_2.3 is one version, with any separator */
	while (start > 0 && is_of_version(name[start - 1]))
		start--;
	while (start < end && !isdigit((unsigned char)name[start]))
		start++;
	if (start == end || !isdigit((unsigned char)name[end - 1]))
		return 0;
	/* v4 */
	if (start > 1 && name[start - 1] == 'v' && is_separator(name[start - 2])) {
		start--;
	} else if (start > 0 && !is_separator(name[start - 1])) {
		/* ext4_1: the 4 belongs to the module's name */
		size_t apart = start + strcspn(name + start, "_-");

		if (apart < end)
			start = apart;
	}
	while (start > 0 && is_separator(name[start - 1]))
		start--;
	return start;
}

static bool is_identifier(const char *name, size_t stem)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(identifiers); i++) {
		size_t len = strlen(identifiers[i]);

		if (stem >= len &&
		    strncasecmp(name + stem - len, identifiers[i], len) == 0 &&
		    (stem == len || is_separator(name[stem - len - 1])))
			return true;
	}
	return false;
}

/* In a patch's own name the number must be separate: ipv6 is no release of ipv4. */
static bool stands_apart(const char *name, size_t stem)
{
	return is_separator(name[stem]);
}

struct klp_release klp_series_release(const struct klpdep_patch *patch)
{
	const char *name = patch->set ? patch->set : patch->name;
	size_t len = stem_length(name);

	if (len && (is_identifier(name, len) || (!patch->set && !stands_apart(name, len))))
		len = 0;
	return (struct klp_release){ patch, name, len };
}

/* The version without the epoch of a package, as in 1:2.0. */
static const char *without_epoch(const char *version)
{
	size_t n = strspn(version, "0123456789");

	return n && version[n] == ':' ? version + n + 1 : version;
}

/* A version without an epoch has epoch 0. */
static int cmp_versions(const char *a, const char *b)
{
	const char *x = without_epoch(a), *y = without_epoch(b);
	unsigned long epoch_a = x == a ? 0 : strtoul(a, NULL, 10);
	unsigned long epoch_b = y == b ? 0 : strtoul(b, NULL, 10);

	return epoch_a == epoch_b ? klp_name_cmp(x, y) : epoch_a < epoch_b ? -1 : 1;
}

int klp_releases_compare(const struct klp_release *a, const struct klp_release *b)
{
	int cmp = 0;

	if (a->stem == 0 || a->stem != b->stem || !a->patch->set != !b->patch->set ||
	    strncmp(a->name, b->name, a->stem) != 0 || klp_streq(a->name, b->name))
		return 0;
	if (a->patch->version && b->patch->version)
		cmp = cmp_versions(a->patch->version, b->patch->version);
	return cmp ? cmp : klp_name_cmp(a->name, b->name);
}

int klp_series_compare(const struct klpdep_patch *a, const struct klpdep_patch *b)
{
	const struct klp_release first = klp_series_release(a),
				 second = klp_series_release(b);

	return klp_releases_compare(&first, &second);
}

bool klp_releases_take_place(const struct klp_release *newer, const struct klp_release *older)
{
	const struct klpdep_patch *patch = newer->patch, *other = older->patch;

	if (klp_releases_compare(newer, older) <= 0)
		return false;
	/* The kernel drops the older one anyway, whatever it patches. */
	if (patch->replace == KLPDEP_REPLACE_YES)
		return true;
	if (!klp_patch_shares_object(patch, other))
		return false;
	/* A declared release is the complete fix of its object. */
	return (patch->set && other->set) || klp_patch_covers(patch, other);
}

bool klp_series_takes_place(const struct klpdep_patch *newer,
			    const struct klpdep_patch *older)
{
	const struct klp_release first = klp_series_release(newer),
				 second = klp_series_release(older);

	return klp_releases_take_place(&first, &second);
}
