/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * <prefix>_dashboard.html: the page of data/dashboard, assembled when this was built, with the data of
 * one trace in it.
 */
#pragma once

#include "ms-export-view.h"

G_BEGIN_DECLS

/* No page is larger. */
#define MS_DASHBOARD_MOST_BYTES 1000000

/* (transfer full) */
GBytes *ms_dashboard_new (MsExportView *view);

G_END_DECLS
