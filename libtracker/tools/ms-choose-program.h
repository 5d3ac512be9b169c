/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which of the programs that are being recorded a person means: by its pid, its name, or as the only one. */
#pragma once

#include "ms-running-programs.h"

G_BEGIN_DECLS

/* Waits until the bus has said which there are.  @wanted: NULL: the only one.  NULL after complaining in the name of
 * @command. (transfer full) (nullable) */
MsRunningProgram *ms_choose_program (MsRunningPrograms *programs,
                                     const char *command,
                                     const char *wanted);

G_END_DECLS
