/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config.h"
#include "job.h"
#include "model.h"
#include "rate-limit.h"

/* What the log is told of a device: each change of its state once, never each poll. */

typedef struct DeviceNews {
        Freshness told; /* what the log knows */
        char *reason;   /* in words, why it cannot be had; NULL for none, or once it answers */
        RateLimit reasons;
} DeviceNews;

#define DEVICE_NEWS_INIT \
        { .told = _FRESHNESS_INVALID, .reasons = { .interval_usec = 60 * USEC_PER_SEC, .burst = 5 } }

void news_done(DeviceNews *news);

/* Logs why the device cannot be had, unless that was the last reason told. */
void news_reason(DeviceNews *news, const DeviceConfig *config, const char *text);

/* Logs that the device answers, fails or is absent, unless that was the last thing told. error says why,
 * when no reason in words was told. */
void news_freshness(DeviceNews *news, const DeviceConfig *config, const Model *model, int error);

/* Logs that a hook hangs. */
void news_hung(const DeviceConfig *config, JobType type);

/* Warns when ignorelb is set and the device gives nothing to tell a low battery from. */
void news_ignore_lb(const DeviceConfig *config, const Model *model);
