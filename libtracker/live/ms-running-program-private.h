/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the list of running programs, and who connects to one of them, know of a program besides what it shows. */
#pragma once

#include "ms-live-figures.h"
#include "ms-running-program.h"
#include "ms-tracker-properties.h"

G_BEGIN_DECLS

MsRunningProgram *ms_running_program_new (guint pid);

/* Each tells what has changed by "notify". */
void ms_running_program_take (MsRunningProgram *self, const MsTrackerProperties *properties);
void ms_running_program_set_figures (MsRunningProgram *self, const MsLiveFigures *figures);
void ms_running_program_set_bus_name (MsRunningProgram *self, const char *name);

/* When its process began, from the registry; 0: only the bus knows it. */
void ms_running_program_set_start_ticks (MsRunningProgram *self, guint64 start_ticks);
guint64 ms_running_program_get_start_ticks (MsRunningProgram *self);

G_END_DECLS
