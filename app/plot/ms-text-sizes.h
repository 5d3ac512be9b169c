/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How large texts are, remembered.  A board of cards or an axis asks for the same dozens of words and figures in each
 * frame, and to shape one anew takes longer than to paint it.  What is remembered is of one font: a context with
 * another one, with other hinting or another resolution begins anew.  Each thread has its own.
 */
#pragma once

#include "ms-text.h"

G_BEGIN_DECLS

/* A number of texts above which all are forgotten: names of a hostile program are without end. */
#define MS_TEXT_SIZES_MOST 4096

/* FALSE: to be measured, then told to ms_text_sizes_remember().  @text NULL: the height of a line. */
gboolean ms_text_sizes_find (PangoContext *context,
                             const char *text,
                             MsTextStyle style,
                             double *size_px);
void ms_text_sizes_remember (PangoContext *context,
                             const char *text,
                             MsTextStyle style,
                             double size_px);

/* What this thread remembers. */
guint ms_text_sizes_get_n (void);

G_END_DECLS
