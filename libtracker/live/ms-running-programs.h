/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What runs and is being recorded: a list that keeps itself in step.
 *
 *   g_autoptr (MsRunningPrograms) programs = ms_running_programs_new ();
 *   gtk_single_selection_new (g_object_ref (G_LIST_MODEL (programs)));
 *
 * A GListModel of MsRunningProgram by pid.  Programs come and go with "items-changed"; threads, memory and
 * state of those in it are read anew once a second, told by "notify" of the program.  Names come from the
 * session bus without blocking; where there is none, the registry alone is looked at, once a second.
 *
 * Lives in the default main context.
 */
#pragma once

#include "ms-running-program.h"

G_BEGIN_DECLS

#define MS_TYPE_RUNNING_PROGRAMS (ms_running_programs_get_type ())
G_DECLARE_FINAL_TYPE (MsRunningPrograms, ms_running_programs, MS, RUNNING_PROGRAMS, GObject)

/* Holds those of the registry at once; those that only the bus knows follow.  Property "is-ready" (boolean):
 * the bus has answered, or there is none, or it is silent. (transfer full) */
MsRunningPrograms *ms_running_programs_new (void);
gboolean ms_running_programs_is_ready (MsRunningPrograms *self);

/* Why the registry cannot be read, and what to do; NULL: it was, or there is none. */
const char *ms_running_programs_get_problem (MsRunningPrograms *self);

/* NULL: none of that pid. (transfer none) */
MsRunningProgram *ms_running_programs_find (MsRunningPrograms *self, guint pid);

G_END_DECLS
