/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The line that says what is not right about a trace: the worst of its notes, and how many others
 * there are.
 */
#pragma once

#include <adwaita.h>
#include "ms-document.h"

G_BEGIN_DECLS

/* Shows them in @label and reveals @bar, or hides it where there is nothing worth a line.  Returns whether
 * there are any notes. */
gboolean ms_notes_bar_show (GtkInfoBar *bar, GtkLabel *label, MsDocument *document);

G_END_DECLS
