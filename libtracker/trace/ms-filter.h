/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What of a trace is looked at: a stretch of time, some threads, some call stacks.
 *
 *   MsFilter *morning = ms_filter_with_range (NULL, 0, 5000000000);
 *   MsFilter *worker = ms_filter_with_threads (morning, &id, 1);
 *
 * A filter is a plain immutable value that knows no trace; any part of it may be absent, and then nothing
 * is left out for it.  Threads are chosen as allocating ones.  ms_view_new() applies it.  May be used
 * from any thread.
 */
#pragma once

#include "ms-types.h"

G_BEGIN_DECLS

#define MS_TYPE_FILTER (ms_filter_get_type ())
typedef struct _MsFilter MsFilter;
MS_API GType ms_filter_get_type (void);

/* One that leaves nothing out. (transfer full) */
MS_API MsFilter *ms_filter_new (void);
/* (transfer full) */
MS_API MsFilter *ms_filter_ref (MsFilter *self);
MS_API void ms_filter_unref (MsFilter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsFilter, ms_filter_unref)

/* The next three return a new filter that is @self (NULL: one that leaves nothing out) with one part
 * replaced. (transfer full) */

/* Events from @from_ns on and before @to_ns; MS_TIME_NONE: from the start, to the end. */
MS_API MsFilter *ms_filter_with_range (const MsFilter *self, gint64 from_ns, gint64 to_ns);
/* The @n threads with these ids, in any order and more than once if need be; ids that a trace does not have
 * choose nothing.  @ids NULL: all threads.  @n 0 with @ids: none. */
MS_API MsFilter *ms_filter_with_threads (const MsFilter *self, const guint *ids, guint n);
/* Likewise the stacks with these numbers, as for ms_trace_get_stack_totals(). */
MS_API MsFilter *ms_filter_with_stacks (const MsFilter *self, const guint *stacks, guint n);

/* FALSE, and MS_TIME_NONE for both, if there is no range. */
MS_API gboolean ms_filter_get_range (const MsFilter *self, gint64 *from_ns, gint64 *to_ns);
/* Sorted and each once; NULL: all.  Never NULL for a set of none. (transfer none) (array length=n) */
MS_API const guint *ms_filter_get_threads (const MsFilter *self, guint *n);
MS_API const guint *ms_filter_get_stacks (const MsFilter *self, guint *n);
/* Whether it lets the thread with this id through.  @self NULL: it does. */
MS_API gboolean ms_filter_has_thread (const MsFilter *self, guint id);

/* Whether it leaves nothing out, whatever the trace. */
MS_API gboolean ms_filter_is_everything (const MsFilter *self);
/* NULL is one that leaves nothing out. */
MS_API gboolean ms_filter_equal (const MsFilter *a, const MsFilter *b);

G_END_DECLS
