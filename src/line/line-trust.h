/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-reply.h"

/* How well two answers to the same question go together: what a noisy line makes of one it does not make of
 * the next. Pure. */

/* Digits stand where digits stood, letters where letters stood, and all else is the same; with widths also
 * as many of them. */
bool line_reply_same_shape(const LineReply *a, const LineReply *b, bool widths);

/* They can be two readings of one device, one right after the other: numbers that are close, all else the
 * same. */
bool line_reply_agrees(const LineReply *a, const LineReply *b);
