/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-link.h"
#include "snmp-link.h"

/* Writes each value that is read over a link into a walk in our own format (docs/RECORDINGS.md), once: as it
 * was when it was read first. Takes inner over on success. Flags are as with other links: RECORDER_RESUME
 * goes on in a walk that is there; RECORDER_REDACT covers by X what snmp_recorder_redact() is told, and who
 * is responsible for the agent, its name and where it is. If the file cannot be written later on, the link
 * goes on without. */
int snmp_recorder_new(SnmpLink *inner, const char *path, RecorderFlags flags, SnmpLink **ret);

/* A text that nobody else is to see, as it turns out: a serial number. It is covered in what was written
 * before, too. Texts of less than six characters, or three different ones, are found in too many places.
 * Does nothing with other links. */
void snmp_recorder_redact(SnmpLink *link, const char *secret);
