/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What `memscope record` says of programs that go on when it leaves: their names, five at most. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* On standard error. (element-type MsWatchedProcess) */
void ms_say_who_lives_on (GPtrArray *living);

G_END_DECLS
