/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "macro.h"

/* What a network card answers to <SCAN_REQUEST/>: a document whose first element says what it is. */
typedef struct XmlAnswer {
        char *type;  /* attribute of that name: what the device is, for people */
        char *class; /* "DEV.UPS", "DEV.PDU"; or NULL */
} XmlAnswer;

/* Reads the first element. -EBADMSG: it is no XML, or that element has no type. -ENOMEM. */
int xml_answer_parse(const char *data, size_t n, XmlAnswer *ret);
void xml_answer_done(XmlAnswer *a);
