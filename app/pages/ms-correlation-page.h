/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Correlation: does a thread, or a moment, that uses the processor more also allocate more?  One point a
 * thread or a sample; of a focused thread, its own way through time.
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"
#include "ms-scatter.h"

G_BEGIN_DECLS

#define MS_TYPE_CORRELATION_PAGE (ms_correlation_page_get_type ())
G_DECLARE_FINAL_TYPE (MsCorrelationPage, ms_correlation_page, MS, CORRELATION_PAGE, AdwBin)

GtkWidget *ms_correlation_page_new (void);

/* NULL: nothing. */
void ms_correlation_page_set_lens (MsCorrelationPage *self, MsLens *lens);

/* (transfer none) */
MsScatter *ms_correlation_page_get_scatter (MsCorrelationPage *self);
/* Whether what is shown is not yet of the focus. */
gboolean ms_correlation_page_is_busy (MsCorrelationPage *self);

G_END_DECLS
