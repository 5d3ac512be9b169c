/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope-gui [DIR…]: a window a folder.  With --screenshot it is a process of its own that draws
 * one window, writes it and leaves.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MS_TYPE_APPLICATION (ms_application_get_type ())
G_DECLARE_FINAL_TYPE (MsApplication, ms_application, MS, APPLICATION, AdwApplication)

MsApplication *ms_application_new (void);
/* What the process should exit with after g_application_run() returned 0. */
int ms_application_get_exit_status (MsApplication *self);

G_END_DECLS
