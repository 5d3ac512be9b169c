/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include "ms-view.h"

G_BEGIN_DECLS

struct _MsView {
  GObject parent_instance;

  MsTrace *trace;
  MsFilter *filter; /* NULL: none */
  gboolean filtered;
  gint64 start_ns, end_ns;
  gboolean to_end; /* the moment end_ns is in it */

  GMutex lock;                /* of what is computed when it is asked for: */
  MsPeak peaks[MS_N_DOMAINS]; /* thread_bytes NULL: not known yet */
};

G_END_DECLS
