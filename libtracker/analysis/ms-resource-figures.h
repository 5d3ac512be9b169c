/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One field of one source as a figure that may not have been measured, with the reason.  @source
 * MS_RESOURCE_ALL: there is none of @kind. */
#pragma once

#include "ms-measured.h"
#include "ms-resource-tally.h"

G_BEGIN_DECLS

typedef struct {
  MsResources *resources; /* NULL: there are no samples */
  MsResourceTally *tally;
  guint kind;
  guint source;
} MsFigureSource;

/* The first of @kind, of @id too unless that is G_MAXUINT64, that was sampled at all. */
MsFigureSource ms_figure_source_find (MsResources *resources,
                                      MsResourceTally *tally,
                                      guint kind,
                                      guint64 id);
gboolean ms_figure_source_is_there (const MsFigureSource *self);

/* Of a counter: what it grew by; that a second of what is covered; and that as percent of time, for ns. */
MsMeasured ms_figure_source_growth (const MsFigureSource *self, guint field);
MsMeasured ms_figure_source_rate (const MsFigureSource *self, guint field);
MsMeasured ms_figure_source_share (const MsFigureSource *self, guint field);

typedef enum { MS_LEVEL_GREATEST, MS_LEVEL_LEAST, MS_LEVEL_MEAN, MS_LEVEL_LAST } MsLevelKind;

MsMeasured ms_figure_source_level (const MsFigureSource *self, guint field, MsLevelKind kind);

/* Growth of all @fields of @parts in that of @parts and @rest, in percent. */
MsMeasured ms_figure_source_percent (const MsFigureSource *self, guint32 parts, guint32 rest);

/* Sums and maxima over devices: what is not known is left out.  If nothing is known, it is for
 * @a's reason. */
MsMeasured ms_measured_sum (MsMeasured a, MsMeasured b);
MsMeasured ms_measured_greater (MsMeasured a, MsMeasured b);

G_END_DECLS
