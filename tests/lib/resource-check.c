/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "resource-check.h"

/* From the samples of one source: of each field how many there are, and its extremes. */
typedef struct {
  guint64 n_samples, n[MS_RESOURCE_FIELDS], least[MS_RESOURCE_FIELDS], greatest[MS_RESOURCE_FIELDS];
  gint64 first_ns, last_ns;
} Walked;

static void
walk_sample (guint source, const MsResourceSample *sample, gpointer data)
{
  Walked *self = &((Walked *) data)[source];

  g_assert_cmphex (sample->present, !=, 0);
  g_assert_cmphex (sample->broken & ~sample->present, ==, 0);
  if (self->n_samples++ == 0)
    self->first_ns = sample->time_ns;
  else
    g_assert_cmpint (sample->time_ns, >, self->last_ns);
  self->last_ns = sample->time_ns;
  for (guint field = 0; field < MS_RESOURCE_FIELDS; field++)
    if (sample->present >> field & 1)
      {
        guint64 value = sample->values[field];

        self->least[field] = self->n[field] ? MIN (self->least[field], value) : value;
        self->greatest[field] = self->n[field] ? MAX (self->greatest[field], value) : value;
        self->n[field]++;
      }
}

void
resource_check_sound (MsResources *resources)
{
  guint n_sources = ms_resources_get_n_sources (resources);
  g_autofree Walked *walked = g_new0 (Walked, n_sources + 1);

  g_assert_cmpint (ms_resources_get_interval_ns (resources), >=, 0);
  ms_resources_visit (resources, MS_RESOURCE_ALL, G_MININT64, G_MAXINT64, walk_sample, walked);
  for (guint i = 0; i < n_sources; i++)
    {
      const MsResourceSource *source = ms_resources_get_source (resources, i);

      g_assert_true (g_utf8_validate (source->name, -1, NULL));
      g_assert_cmpuint (source->n_samples, ==, walked[i].n_samples);
      if (source->n_samples == 0)
        {
          g_assert_cmpint (source->first_ns, ==, MS_TIME_NONE);
          continue;
        }
      g_assert_cmpint (source->first_ns, ==, walked[i].first_ns);
      g_assert_cmpint (source->last_ns, ==, walked[i].last_ns);
      for (guint field = 0; field < MS_RESOURCE_FIELDS; field++)
        {
          const MsResourceFigure *figure = ms_resources_get_figure (resources, i, field);

          g_assert_cmpuint (figure ? figure->n_samples : 0, ==, walked[i].n[field]);
          g_assert_true ((figure != NULL) == (source->measured >> field & 1));
          if (figure == NULL)
            continue;
          g_assert_cmpuint (figure->least, ==, walked[i].least[field]);
          g_assert_cmpuint (figure->greatest, ==, walked[i].greatest[field]);
          g_assert_cmpint (figure->growth_ns, <=, figure->last_ns - figure->first_ns);
        }
    }
}

static void
check_source (MsResources *a, MsResources *b, guint number)
{
  const MsResourceSource *x = ms_resources_get_source (a, number);
  const MsResourceSource *y = ms_resources_get_source (b, number);
  g_autoptr (GArray) p = ms_resources_dup_samples (a, number);
  g_autoptr (GArray) q = ms_resources_dup_samples (b, number);

  g_assert_true (x->kind == y->kind && x->id == y->id && x->start == y->start);
  g_assert_cmpstr (x->name, ==, y->name);
  g_assert_cmpint (x->thread_id, ==, y->thread_id);
  g_assert_cmpuint (x->n_samples, ==, y->n_samples);
  g_assert_true (x->first_ns == y->first_ns && x->last_ns == y->last_ns);
  g_assert_cmphex (x->measured, ==, y->measured);
  g_assert_cmpmem (x->reasons, sizeof x->reasons, y->reasons, sizeof y->reasons);
  for (guint field = 0; field < MS_RESOURCE_FIELDS; field++)
    {
      const MsResourceFigure *f = ms_resources_get_figure (a, number, field);
      const MsResourceFigure *g = ms_resources_get_figure (b, number, field);

      g_assert_true ((f == NULL) == (g == NULL));
      if (f != NULL)
        g_assert_cmpmem (f, sizeof *f, g, sizeof *g);
    }
  g_assert_cmpuint (p->len, ==, q->len);
  for (guint i = 0; i < p->len; i++)
    {
      const MsResourceSample *s = &g_array_index (p, MsResourceSample, i);
      const MsResourceSample *t = &g_array_index (q, MsResourceSample, i);

      g_assert_true (s->time_ns == t->time_ns && s->present == t->present
                     && s->broken == t->broken);
      for (guint field = 0; field < MS_RESOURCE_FIELDS; field++)
        if (s->present >> field & 1)
          g_assert_cmpuint (s->values[field], ==, t->values[field]);
    }
}

void
resource_check_equal (MsResources *a, MsResources *b)
{
  g_assert_true ((a == NULL) == (b == NULL));
  if (a == NULL)
    return;
  g_assert_cmpint (ms_resources_get_interval_ns (a), ==, ms_resources_get_interval_ns (b));
  g_assert_cmpuint (ms_resources_get_n_sources (a), ==, ms_resources_get_n_sources (b));
  for (guint i = 0; i < ms_resources_get_n_sources (a); i++)
    check_source (a, b, i);
}
