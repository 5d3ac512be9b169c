/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lists the programs that are being recorded just now, for one to be watched.  The list moves by itself: programs
 * come and go, and their threads and memory are read once a second.
 */
#pragma once

#include <adwaita.h>
#include "ms-running-programs.h"

G_BEGIN_DECLS

#define MS_TYPE_ATTACH_DIALOG (ms_attach_dialog_get_type ())
G_DECLARE_FINAL_TYPE (MsAttachDialog, ms_attach_dialog, MS, ATTACH_DIALOG, AdwWindow)

/* Signal "chosen" (MsRunningProgram), after which it closes. */
GtkWindow *ms_attach_dialog_new (GtkWindow *parent);

G_END_DECLS
