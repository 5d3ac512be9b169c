/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Makes the folder of a recording, and finds out before the program runs whether it can be written:
 *
 *   DIR/memscope_control.bin   4096 bytes: TrkFileHeader (kind CONTROL), then the next process number
 *
 * The control page is shared by every process of the recording; each takes its number from it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MS_OUTPUT_ERROR (ms_output_error_quark ())
GQuark ms_output_error_quark (void);

/* Where the number lies in the control page, as a little-endian guint32. */
#define MS_CONTROL_NEXT_PROCESS_OFFSET 64
#define MS_CONTROL_BYTES 4096

/* "./memscope-PROGRAM-YYYYMMDD-HHMMSS", with -2, -3… appended while such a thing exists.
 * (transfer full) */
char *ms_output_folder_choose (const char *program);

/* Makes @folder, and those above it.  An existing folder must be empty: nothing is ever overwritten.
 * Returns its absolute path, or NULL with a line for the user. (transfer full) */
char *ms_output_folder_make (const char *folder, GError **error);

/* Makes it a recording, for the processes of a program. */
gboolean ms_output_folder_add_control_page (const char *folder, GError **error);

/* The next process number of the recording, as its processes take theirs; 0 where that is not known. */
guint32 ms_output_folder_take_number (const char *folder);

/* Takes away what these two made, if the program could not be started. */
void ms_output_folder_remove (const char *folder);

G_END_DECLS
