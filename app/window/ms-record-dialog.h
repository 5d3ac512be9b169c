/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Records a program: what to run and where, which threads, how deep; then its output while it runs, and
 * Stop.  It runs `memscope record`, which does all of it.
 *
 * Signal "recorded" (const char *folder): the program has ended and left a trace; the window is closing.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MS_TYPE_RECORD_DIALOG (ms_record_dialog_get_type ())
G_DECLARE_FINAL_TYPE (MsRecordDialog, ms_record_dialog, MS, RECORD_DIALOG, AdwWindow)

/* @memscope: the command line program; NULL: there is none, which is said. */
GtkWindow *ms_record_dialog_new (GtkWindow *parent, const char *memscope);
/* Beside this program, where it was built, or on the PATH; NULL: nowhere. (transfer full) */
char *ms_record_dialog_find_memscope (void);

/* What the fields begin with, for tests and for whoever knows better; @output NULL: as it was. */
void ms_record_dialog_set_command (MsRecordDialog *self, const char *command, const char *output);

G_END_DECLS
