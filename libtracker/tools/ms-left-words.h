/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is said of blocks that are live when a view ends.  Only a process that came to its own end leaked
 * them: at the end of a range it may still free them, as it might have, had it not been killed.
 */
#pragma once

#include "ms-view.h"

G_BEGIN_DECLS

typedef enum {
  MS_LEFT_LEAKED,   /* the process exited */
  MS_LEFT_KILLED,   /* it was killed, or crashed */
  MS_LEFT_RUNNING,  /* it still runs */
  MS_LEFT_IN_PART,  /* the range ends before it does */
  MS_LEFT_UNKNOWN,  /* whether it still runs cannot be seen from here */
  MS_LEFT_REPLACED, /* it became another program by exec */
} MsLeftKind;

MsLeftKind ms_left_get_kind (MsView *view);

/* "leaked", "in use" or "left" */
const char *ms_left_get_word (MsLeftKind kind);

/* Why it is not called leaked: "the process was killed: what is left was in use then".  NULL: it is. */
const char *ms_left_get_reason (MsLeftKind kind);

G_END_DECLS
