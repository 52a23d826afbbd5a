/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Keeps others like us out of a directory, with a file in it that only its owner and root can open: whoever
 * can merely read the directory cannot hold anybody up. */

/* Waits some seconds for the one who is in there, and says for whom. path: the directory with a slash, for
 * messages. Returns a descriptor, or a negative errno after saying what is wrong. */
int conf_lock(int directory, const char *path);

/* Lets the others in; lock may be negative. Closes it. */
void conf_unlock(int directory, int lock);
