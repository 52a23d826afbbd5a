/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-profile.h"
#include "profile-loader.h"

/* The loader of HID profiles: see profile-loader.h for its ways. */

/* A name of [usages]. */
typedef struct LoaderUsage {
        char *name;
        uint32_t usage;
} LoaderUsage;

typedef struct HidLoader {
        Loader loader;
        HidProfile *profile;
        LoaderUsage *usages;
        size_t n_usages, usages_allocated;
        size_t rows_allocated[_PROFILE_ROW_TYPE_MAX];
        size_t commands_allocated, matches_allocated;
} HidLoader;

static inline HidLoader *hid_loader(Loader *l) {
        return (HidLoader *) l;
}

/* Parts of a line. Each returns 1 when *ret was set, 0 after a report. */
int loader_path(Loader *l, const ConfLine *line, const char *s, bool any, ProfilePath *ret);
int loader_kind(Loader *l, const ConfLine *line, const char *s, int *ret);
int loader_when(Loader *l, const ConfLine *line, const char *s, const ProfileWhen **ret, bool *ret_not);
int loader_lookup(Loader *l, const ConfLine *line, const char *s, const ProfileLookup **ret);
int loader_curve(Loader *l, const ConfLine *line, const char *s, const ProfileCurve **ret);
int loader_function(Loader *l, const ConfLine *line, const char *s, ProfileFunction *ret);

/* Readers of sections. */
int loader_read_profile(Loader *l, const ConfLine *line);
int loader_read_match(Loader *l, const ConfLine *line);
int loader_read_usage(Loader *l, const ConfLine *line);
int loader_read_when(Loader *l, const ConfLine *line, ProfileWhen *w);
int loader_read_lookup(Loader *l, const ConfLine *line, ProfileLookup *lookup);
int loader_read_curve(Loader *l, const ConfLine *line, ProfileCurve *curve);
int loader_read_link(Loader *l, const ConfLine *line);
int loader_read_row(Loader *l, const ConfLine *line, ProfileRowType type);
int loader_read_command(Loader *l, const ConfLine *line);

/* Lines first..last of the Conf are a [command:NAME]. */
int loader_read_command_section(Loader *l, const char *name, size_t first, size_t last);

/* The lookups that each profile has. */
int profile_add_builtin_lookups(HidProfile *p);

void profile_path_done(ProfilePath *path);
void profile_row_done(ProfileRow *row);
void profile_when_done(ProfileWhen *w);
void profile_command_done(ProfileCommand *c);
