/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where everything on a thread's card lies.
 *
 *   ┌──────────────────────────────────────┐
 *   │ ▤ ingest-1                  ⚠  48121 │  who: role's icon, name, alert's mark, tid
 *   │ 21.1 MB peak                ( Memory)│  how much, what kind
 *   │ ▁▂▁▂▃▂▃▅▆▇█▇▆▇▇▆▇▇▇▇▆▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇ │  when: live bytes
 *   │ 944 allocs  24.2 MB/s   — CPU  — I/O │  how busy
 *   └──────────────────────────────────────┘
 *
 * A thread that was not tracked gets a compact card: who, and that nothing was recorded.
 */
#pragma once

#include "ms-roles.h"
#include "ms-series-line.h"

G_BEGIN_DECLS

/* What a card shows.  Strings and the series are borrowed from whoever fills it in. */
typedef struct {
  guint id;
  gint tid;
  const char *name; /* fit for display (ms_display_name()) */
  guint
      n_same; /* threads with this name that the card stands for, itself one of them; 0: for itself */
  gboolean tracked;
  MsRole role;
  gboolean has_ended; /* and the process goes on: what it held is no alarm any more */
  MsAlert alert;
  guint64 alert_bytes;       /* the peak above which there is @alert; 0: not known */
  guint64 never_freed_bytes; /* 0: none, or too little to be named */
  guint64 peak_bytes;
  double peak_standard_error; /* 0: exact; NaN: an estimate, it is not known how good */
  gboolean has_no_peak;       /* of a ring: the peak and what was live are not known */
  guint64 allocations;
  double allocations_standard_error;
  double allocated_bytes_per_second;
  double cpu_percent;   /* below 0: not measured */
  gint64 io_operations; /* below 0: not measured */
  const guint64 *live;  /* maximum of each stretch of the trace, or NULL */
  guint n_live;
  const double *cpu; /* percent of a core in each stretch; NaN: not sampled there; or NULL */
  guint n_cpu;
} MsCardData;

typedef enum {
  MS_CARD_ALLOCATIONS,
  MS_CARD_RATE,
  MS_CARD_CPU,
  MS_CARD_IO,
  MS_CARD_N_FIGURES
} MsCardFigure;

/* Sizes of the texts, measured by the paint side in the font at hand. */
typedef struct {
  double small_line_px, name_line_px, figure_line_px;
  double tid_px, role_word_px;
  double figure_px[MS_CARD_N_FIGURES];
  gboolean figure_measured[MS_CARD_N_FIGURES];
} MsCardMetrics;

typedef struct {
  double width_px, height_px;
  gboolean compact;
  MsRect glyph, name, alert_mark, tid;
  MsRect peak, pill, spark;
  MsRect figures[MS_CARD_N_FIGURES]; /* width 0: no room, left out */
  MsRect note;                       /* compact cards: the sentence */
} MsCardLayout;

#define MS_CARD_PADDING_PX 12.0

/* Heights depend on the font alone, so that all cards of a board are alike. */
double ms_card_height_px (const MsCardMetrics *metrics, gboolean compact);

void ms_card_layout (MsCardLayout *self,
                     const MsCardMetrics *metrics,
                     const MsCardData *data,
                     double width_px);

G_END_DECLS
