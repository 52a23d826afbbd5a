/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plugged.h"
#include "ups-conf.h"

/* The driver whose devices are plugged in, and whose units we start. */
#define ENROLL_DRIVER "usbhid-ups"

/* Which devices the sections of ups.conf are meant for. */
typedef struct Sections {
        NamingSection *sections; /* those of the driver */
        size_t n_sections;
        char **taken;  /* names of all sections */
        bool *fits;    /* what the members point into */
        bool *usbfs;   /* for each of sections: the driver is to do without the kernel's driver */
} Sections;

/* Sections whose keys are wrong are reported, and match nothing. */
int sections_load(const UpsConf *conf, const PluggedList *l, ConfReport report, void *userdata,
                Sections *ret);
void sections_done(Sections *s);

/* Whether a section with keys of its own is meant for device i: that makes it a power device. */
bool sections_want(const Sections *s, size_t i);

/* Whether the section of that name wants the device without the kernel's driver. */
bool sections_want_usbfs(const Sections *s, const char *name);
