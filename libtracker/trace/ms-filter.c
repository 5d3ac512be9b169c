/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-filter.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  guint *numbers; /* sorted, each once; NULL: all */
  guint n;
} Set;

struct _MsFilter {
  gatomicrefcount references;
  gint64 from_ns, to_ns; /* MS_TIME_NONE: open */
  Set threads, stacks;
};

G_DEFINE_BOXED_TYPE (MsFilter, ms_filter, ms_filter_ref, ms_filter_unref)

static const MsFilter everything = { .from_ns = MS_TIME_NONE, .to_ns = MS_TIME_NONE };

static Set
set_copy (const Set *self)
{
  /* A set of none is not the absence of one: it has memory. */
  return (Set) { self->numbers ? g_memdup2 (self->numbers, (self->n + 1) * sizeof (guint)) : NULL,
                 self->n };
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint x = *(const guint *) a, y = *(const guint *) b;

  return x < y ? -1 : x > y;
}

static Set
set_new (const guint *numbers, guint n)
{
  Set set = { NULL, 0 };

  if (numbers == NULL)
    return set;
  set.numbers = g_new0 (guint, (gsize) n + 1);
  if (n > 0)
    memcpy (set.numbers, numbers, n * sizeof (guint));
  qsort (set.numbers, n, sizeof (guint), compare_numbers);
  for (guint i = 0; i < n; i++)
    if (set.n == 0 || set.numbers[set.n - 1] != set.numbers[i])
      set.numbers[set.n++] = set.numbers[i];
  return set;
}

static gboolean
set_equal (const Set *a, const Set *b)
{
  if (a->numbers == NULL || b->numbers == NULL)
    return a->numbers == b->numbers;
  return a->n == b->n && memcmp (a->numbers, b->numbers, a->n * sizeof (guint)) == 0;
}

static MsFilter *
copy (const MsFilter *self)
{
  MsFilter *fresh = g_new0 (MsFilter, 1);

  if (self == NULL)
    self = &everything;
  g_atomic_ref_count_init (&fresh->references);
  fresh->from_ns = self->from_ns;
  fresh->to_ns = self->to_ns;
  fresh->threads = set_copy (&self->threads);
  fresh->stacks = set_copy (&self->stacks);
  return fresh;
}

MsFilter *
ms_filter_new (void)
{
  return copy (NULL);
}

MsFilter *
ms_filter_ref (MsFilter *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
ms_filter_unref (MsFilter *self)
{
  g_return_if_fail (self != NULL);
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->threads.numbers);
  g_free (self->stacks.numbers);
  g_free (self);
}

MsFilter *
ms_filter_with_range (const MsFilter *self, gint64 from_ns, gint64 to_ns)
{
  MsFilter *fresh = copy (self);

  fresh->from_ns = from_ns;
  fresh->to_ns = to_ns;
  return fresh;
}

MsFilter *
ms_filter_with_threads (const MsFilter *self, const guint *ids, guint n)
{
  MsFilter *fresh = copy (self);

  g_free (fresh->threads.numbers);
  fresh->threads = set_new (ids, n);
  return fresh;
}

MsFilter *
ms_filter_with_stacks (const MsFilter *self, const guint *stacks, guint n)
{
  MsFilter *fresh = copy (self);

  g_free (fresh->stacks.numbers);
  fresh->stacks = set_new (stacks, n);
  return fresh;
}

gboolean
ms_filter_get_range (const MsFilter *self, gint64 *from_ns, gint64 *to_ns)
{
  g_return_val_if_fail (self != NULL && from_ns != NULL && to_ns != NULL, FALSE);
  *from_ns = self->from_ns;
  *to_ns = self->to_ns;
  return self->from_ns != MS_TIME_NONE || self->to_ns != MS_TIME_NONE;
}

const guint *
ms_filter_get_threads (const MsFilter *self, guint *n)
{
  g_return_val_if_fail (self != NULL && n != NULL, NULL);
  *n = self->threads.n;
  return self->threads.numbers;
}

const guint *
ms_filter_get_stacks (const MsFilter *self, guint *n)
{
  g_return_val_if_fail (self != NULL && n != NULL, NULL);
  *n = self->stacks.n;
  return self->stacks.numbers;
}

gboolean
ms_filter_has_thread (const MsFilter *self, guint id)
{
  return self == NULL || self->threads.numbers == NULL
         || bsearch (&id, self->threads.numbers, self->threads.n, sizeof id, compare_numbers)
                != NULL;
}

gboolean
ms_filter_is_everything (const MsFilter *self)
{
  return ms_filter_equal (self, NULL);
}

gboolean
ms_filter_equal (const MsFilter *a, const MsFilter *b)
{
  if (a == NULL)
    a = &everything;
  if (b == NULL)
    b = &everything;
  return a->from_ns == b->from_ns && a->to_ns == b->to_ns && set_equal (&a->threads, &b->threads)
         && set_equal (&a->stacks, &b->stacks);
}
