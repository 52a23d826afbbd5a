/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fsd.h"
#include "session.h"

/* What must outlive this process, so that its clients do not notice a restart or a crash: kept in memory
 * that the service manager holds a descriptor of, and always current. Sockets are found in it by their
 * kernel cookie.
 *
 * A NULL state (no service manager) is allowed everywhere and keeps nothing. */

/* Takes over what fd holds (owned from then on, also on failure) when that can be read, of this version or
 * the one before, and returns 1. Else makes the state of a process that has a service manager, hands it to
 * that, and returns 0: then nobody knows what clients of an earlier process had said. */
int state_new(int fd, State **ret);
State *state_free(State *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(State *, state_free);

/* Keeps what the client at this socket has said so far. Without room its connection will not survive as
 * it is. Of one that is encrypted nothing is kept but that it is to be ended, and who is logged in; what was
 * kept, as a password, is erased. */
void state_save_session(State *s, Session *session, int fd);

/* Keeps the bytes of a line that is not finished yet: n more of them, or none any more (data NULL). */
void state_save_input(State *s, Session *session, int fd, const char *data, size_t n);

/* Whether all that the session watches has room besides what else it says or may yet say. */
bool state_has_room_for_watches(const Session *session);

/* The identity of a connected socket, for state_set_in_hand(); 0 without a state. */
uint64_t state_cookie(const State *s, int fd);

/* From now on the bytes of this client are being answered; 0: of none. They have left the socket and are
 * nowhere else, so a successor of a process that was killed meanwhile ends the connection instead of leaving
 * the client waiting for ever. Returns who it was before. */
uint64_t state_set_in_hand(State *s, uint64_t cookie);

/* Nothing more is in hand once so many bytes in all have been written to the client's socket: then its
 * answers are complete, even should we be killed before we can say so. */
void state_set_answered(State *s, uint64_t n_written);

/* How many bytes have been written to a TCP socket since it was accepted; 0 when that is not known. */
uint64_t state_n_written(int fd);

void state_save_forced(State *s, Device *d);

/* Gives a slot back and erases it; *slot becomes 0. */
void state_release(State *s, uint32_t *slot);

/* Fills a session from what was kept for its socket and logs it in. Returns 1 when there was something, 0
 * when not (an anonymous client), or a negative errno. *ret_input are *ret_size bytes of an unfinished
 * line. */
int state_restore_session(State *s, Gateway *g, Session *session, int fd, const char **ret_input,
                size_t *ret_size);

/* Sets the forced shutdowns that were kept on the devices known now. */
void state_restore_forced(State *s, Gateway *g);

/* Gives back the slots that nobody restored. */
void state_collect(State *s);
