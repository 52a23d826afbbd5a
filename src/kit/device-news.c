/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device-news.h"

#include "core-variables.h"
#include "messages.h"
#include "string-util.h"
#include "time-util.h"

void news_done(DeviceNews *news) {
        free(news->reason);
        news->reason = NULL;
}

void news_reason(DeviceNews *news, const DeviceConfig *config, const char *text) {
        unsigned n_suppressed;

        if (streq_ptr(news->reason, text) ||
            !rate_limit_allow(&news->reasons, now_usec(CLOCK_MONOTONIC), &n_suppressed))
                return;
        (void) log_of(config, LOG_ERR, 0, "%s", text);
        (void) free_and_strdup(&news->reason, text);
}

static void log_loss(const DeviceNews *news, const LogContext *context, const char *text,
                const char *port, const char *then, int error) {
        if (news->reason)
                (void) log_full(LOG_WARNING, 0, context, "%s %s%s.", text, port, then);
        else
                (void) log_full(LOG_WARNING, error, context, "%s %s%s: %m", text, port, then);
}

void news_freshness(DeviceNews *news, const DeviceConfig *config, const Model *model, int error) {
        static const char *const ids[_FRESHNESS_MAX] = {
                [FRESHNESS_ABSENT] = MESSAGE_DEVICE_ABSENT_STR,
                [FRESHNESS_STALE] = MESSAGE_DEVICE_STALE_STR,
                [FRESHNESS_FRESH] = MESSAGE_DEVICE_FRESH_STR,
        };
        Freshness f = model_freshness(model);
        const LogContext context = device_log_context(config, ids[f]);

        if (f == FRESHNESS_FRESH)
                news_done(news);
        if (news->told == f)
                return;
        news->told = f;

        if (f == FRESHNESS_FRESH)
                (void) log_full(LOG_NOTICE, 0, &context, "The device at %s answers.", config->port);
        else if (f == FRESHNESS_STALE)
                log_loss(news, &context, "The device at", config->port, " fails, its data are stale", error);
        else if (abs(error) == EAGAIN)
                (void) log_full(
                        LOG_WARNING, 0, &context, "The device at %s is not ready yet.", config->port);
        else if (abs(error) == EPROTO || abs(error) == ENOPKG)
                log_loss(news, &context, "The device at", config->port, " cannot be used", error);
        else
                log_loss(news, &context, "No device at", config->port, "", error);
}

void news_hung(const DeviceConfig *config, JobType type) {
        const LogContext context = device_log_context(config, MESSAGE_DEVICE_HUNG_STR);

        (void) log_full(LOG_WARNING, 0, &context, "The device at %s does not answer (%s), opening it anew.",
                        config->port, job_type_to_string(type));
}

static bool has_both(const Model *m, const char *a, const char *b) {
        return model_find(m, a) && model_find(m, b);
}

void news_ignore_lb(const DeviceConfig *config, const Model *m) {
        if (!device_config_boolean(config, "ignorelb") ||
            has_both(m, "battery.charge", "battery.charge.low") ||
            has_both(m, "battery.runtime", "battery.runtime.low"))
                return;

        (void) log_of(config, LOG_WARNING, 0,
                        "ignorelb is set, but there is neither battery.charge with battery.charge.low nor "
                        "battery.runtime with battery.runtime.low: a low battery will not be seen. "
                        "Set default.battery.charge.low.");
}
