/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-function-totals.h"

#include "ms-change.h"

#include <math.h>
#include <string.h>

static int
compare_self (gconstpointer a, gconstpointer b)
{
  const MsFunctionTotals *x = a, *y = b;

  if (x->self != y->self)
    return x->self > y->self ? -1 : 1;
  if (x->total != y->total)
    return x->total > y->total ? -1 : 1;
  return x->function < y->function ? -1 : x->function > y->function;
}

static int
compare_total (gconstpointer a, gconstpointer b)
{
  const MsFunctionTotals *x = a, *y = b;

  if (x->total != y->total)
    return x->total > y->total ? -1 : 1;
  return compare_self (a, b);
}

/* @last_stacks: the stack, + 1, that last counted in each function. */
static void
add_stack (MsFunctionTotals *functions,
           guint *last_stacks,
           MsFrameNames *names,
           guint stack,
           guint64 value)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (names, stack, &depth, NULL);

  for (guint i = 0; i < depth; i++)
    {
      guint function = ms_frame_names_get_function_of (names, frames[i]);

      if (i == 0)
        functions[function].self += value;
      if (last_stacks[function] == stack + 1)
        continue;
      last_stacks[function] = stack + 1;
      functions[function].total += value;
      functions[function].n_stacks++;
    }
}

GArray *
ms_function_totals_new (MsFrameNames *names,
                        const guint64 *values,
                        MsFunctionOrder order,
                        guint most)
{
  guint n_functions = ms_frame_names_get_n_functions (names);
  guint n_stacks = ms_frame_names_get_n_stacks (names);
  g_autofree MsFunctionTotals *functions = g_new0 (MsFunctionTotals, n_functions);
  g_autofree guint *last_stacks = g_new0 (guint, n_functions);
  GArray *ranked = g_array_new (FALSE, FALSE, sizeof (MsFunctionTotals));

  for (guint s = 0; s < n_stacks; s++)
    if (values[s] > 0)
      add_stack (functions, last_stacks, names, s, values[s]);
  for (guint f = 0; f < n_functions; f++)
    {
      functions[f].function = f;
      if (functions[f].n_stacks > 0)
        g_array_append_val (ranked, functions[f]);
    }
  g_array_sort (ranked, order == MS_FUNCTIONS_BY_SELF ? compare_self : compare_total);
  if (most > 0 && ranked->len > most)
    g_array_set_size (ranked, most);
  return ranked;
}

/* Into @functions by their numbers: squares. */
static void
add_errors (MsFunctionTotals *functions,
            guint *last_stacks,
            MsFrameNames *names,
            guint stack,
            double error)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (names, stack, &depth, NULL);

  for (guint i = 0; i < depth; i++)
    {
      guint function = ms_frame_names_get_function_of (names, frames[i]);

      if (i == 0)
        functions[function].self_error += error * error;
      if (last_stacks[function] == stack + 1)
        continue;
      last_stacks[function] = stack + 1;
      functions[function].total_error += error * error;
    }
}

void
ms_function_totals_set_errors (GArray *functions,
                               MsFrameNames *names,
                               const guint64 *values,
                               const double *errors)
{
  guint n_functions = ms_frame_names_get_n_functions (names);
  g_autofree MsFunctionTotals *sums = g_new0 (MsFunctionTotals, n_functions);
  g_autofree guint *last_stacks = g_new0 (guint, n_functions);

  for (guint s = 0; s < ms_frame_names_get_n_stacks (names); s++)
    if (values[s] > 0)
      add_errors (sums, last_stacks, names, s, errors[s]);
  for (guint i = 0; i < functions->len; i++)
    {
      MsFunctionTotals *one = &g_array_index (functions, MsFunctionTotals, i);

      one->self_error = sqrt (sums[one->function].self_error);
      one->total_error = sqrt (sums[one->function].total_error);
    }
}

static gboolean
has_chosen (MsFrameNames *names, guint stack, const gboolean *is_chosen)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (names, stack, &depth, NULL);

  for (guint i = 0; i < depth; i++)
    if (is_chosen[ms_frame_names_get_function_of (names, frames[i])])
      return TRUE;
  return FALSE;
}

guint64
ms_functions_get_total (MsFrameNames *names, const guint64 *values, const gboolean *is_chosen)
{
  guint64 sum = 0;

  for (guint s = 0; s < ms_frame_names_get_n_stacks (names); s++)
    if (values[s] > 0 && has_chosen (names, s, is_chosen))
      sum += values[s];
  return sum;
}

guint64 *
ms_stack_values_new (MsView *view,
                     MsDomain domain,
                     MsFigureKind kind,
                     GCancellable *cancellable,
                     GError **error)
{
  guint n = ms_trace_get_n_stacks (ms_view_get_trace (view));
  guint64 *values;

  if (kind == MS_FIGURE_BYTES_AT_PROCESS_PEAK && ms_view_is_filtered (view)
      && ms_trace_why_no_live (ms_view_get_trace (view)) == NULL)
    {
      const MsPeak *peak = ms_view_find_peak (view, domain, cancellable, error);

      if (peak == NULL)
        return NULL;
      values = g_new (guint64, n + 1);
      memcpy (values, peak->stack_bytes, n * sizeof (guint64));
      return values;
    }
  values = g_new (guint64, n + 1);
  for (guint s = 0; s < n; s++)
    values[s] = ms_totals_get (ms_view_get_stack_totals (view, s, domain), kind);
  return values;
}

double *
ms_stack_errors_new (MsView *view, MsDomain domain, MsFigureKind kind, GCancellable *cancellable)
{
  MsTrace *trace = ms_view_get_trace (view);
  guint n = ms_trace_get_n_stacks (trace);
  double *errors;

  /* Mappings are all recorded. */
  if (!ms_trace_is_sampled (trace) || domain == MS_DOMAIN_MAPPING)
    return NULL;
  if (kind == MS_FIGURE_BYTES_AT_PROCESS_PEAK && ms_view_is_filtered (view)
      && ms_trace_why_no_live (trace) == NULL)
    {
      const MsPeak *peak = ms_view_find_peak (view, domain, cancellable, NULL);

      if (peak == NULL || peak->stack_errors == NULL)
        return NULL;
      errors = g_new (double, n + 1);
      memcpy (errors, peak->stack_errors, n * sizeof *errors);
      return errors;
    }
  errors = g_new (double, n + 1);
  for (guint s = 0; s < n; s++)
    errors[s] = ms_totals_get_standard_error (ms_view_get_stack_totals (view, s, domain), kind);
  return errors;
}
