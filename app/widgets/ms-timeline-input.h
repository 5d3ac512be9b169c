/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include "ms-timeline.h"

G_BEGIN_DECLS

/* Adds what reads pointer, wheel, touch and keys. */
void ms_timeline_add_input (MsTimeline *self);

G_END_DECLS
