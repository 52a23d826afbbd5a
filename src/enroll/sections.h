/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plugged.h"
#include "ups-conf.h"

/* Which devices the sections of ups.conf are meant for. */
typedef struct Sections {
        NamingSection *sections; /* those whose devices are plugged in */
        const char **drivers; /* for each of sections */
        size_t n_sections;
        char **taken;  /* names of all sections */
        bool *fits;    /* what the members point into */
        UsbWay *ways;  /* for each of sections: how the driver is to speak to it */
} Sections;

/* Sections whose keys are wrong are reported, and match nothing. */
int sections_load(const UpsConf *conf, const PluggedList *l, ConfReport report, void *userdata,
                Sections *ret);
void sections_done(Sections *s);

/* Whether a section with keys of its own is meant for device i: that makes it a power device. */
bool sections_want(const Sections *s, size_t i);

/* The section of that name, or -1. */
ssize_t sections_find(const Sections *s, const char *name) _pure_;
