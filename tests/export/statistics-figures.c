/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * statistics-figures: point clouds and what analysis/ says of them, as JSON, for the page's own statistics to be
 * held against (dashboard.test.mjs).  Clouds are of two to four hundred points: noise, lines, walks in time, values with
 * many ties, figures that do not vary, one point far from the others; percents against bytes a second.
 */
#include <math.h>

#include "ms-analysis-settings.h"
#include "ms-correlation.h"
#include "ms-json-writer.h"

#define MOST 400
#define CASES 120

typedef struct {
  double x[MOST], y[MOST];
  guint n;
} Cloud;

static void
make_cloud (Cloud *cloud, GRand *rand, guint shape)
{
  double walk = 0;

  cloud->n = shape < 12 ? 6 + shape : (guint) g_rand_int_range (rand, 12, MOST);
  for (guint i = 0; i < cloud->n; i++)
    {
      double noise = g_rand_double (rand);

      walk = 0.95 * walk + noise - 0.5;
      switch (shape % 6)
        {
        case 0: /* noise */
          cloud->x[i] = 100 * noise;
          cloud->y[i] = 1e8 * g_rand_double (rand);
          break;
        case 1: /* a line with noise */
          cloud->x[i] = 100 * noise;
          cloud->y[i] = 3e5 * cloud->x[i] + 1e6 * g_rand_double (rand);
          break;
        case 2: /* walks: neighbours are alike */
          cloud->x[i] = 50 + 10 * walk;
          cloud->y[i] = 1e7 * (walk + g_rand_double (rand));
          break;
        case 3: /* ties */
          cloud->x[i] = floor (4 * noise);
          cloud->y[i] = 1e6 * floor (3 * g_rand_double (rand));
          break;
        case 4: /* one does not vary, for some */
          cloud->x[i] = shape % 12 == 4 ? 7 : (double) i;
          cloud->y[i] = shape % 12 == 4 ? (double) i : -2e6 * (double) i;
          break;
        default: /* one far from the others */
          cloud->x[i] = i == 1 ? 4e6 : noise;
          cloud->y[i] = i == 1 ? 1 : 1e9 * g_rand_double (rand);
          break;
        }
    }
}

static void
add_values (MsJsonWriter *writer, const char *key, const double *values, guint n)
{
  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n; i++)
    ms_json_writer_double (writer, values[i]);
  ms_json_writer_end_array (writer);
}

static void
add_measured (MsJsonWriter *writer, const char *key, MsMeasured value)
{
  ms_json_writer_add_double (writer, key, value.known ? value.value : NAN);
}

static void
write_case (MsJsonWriter *writer, const Cloud *cloud, MsPointOrder order)
{
  MsCorrelation says;

  ms_json_writer_begin_object (writer);
  add_values (writer, "x", cloud->x, cloud->n);
  add_values (writer, "y", cloud->y, cloud->n);
  ms_json_writer_add_boolean (writer, "in_time", order == MS_POINTS_IN_TIME);
  ms_json_writer_key (writer, "patterns");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < cloud->n; i++)
    ms_json_writer_string (writer,
                           ms_pattern_to_string (ms_pattern_get (cloud->x[i], cloud->y[i], NULL)));
  ms_json_writer_end_array (writer);
  if (!ms_correlation_compute (&says, cloud->x, cloud->y, cloud->n, order))
    ms_json_writer_add_string (writer, "reason", says.refusal);
  else
    {
      ms_json_writer_add_null (writer, "reason");
      ms_json_writer_add_double (writer, "pearson", says.pearson);
      ms_json_writer_add_double (writer, "spearman", says.spearman);
      ms_json_writer_add_double (writer, "slope", says.slope);
      ms_json_writer_add_double (writer, "intercept", says.intercept);
      ms_json_writer_add_double (writer, "effective_n", says.effective_n);
      add_measured (writer, "interval_low", says.interval_low);
      add_measured (writer, "interval_high", says.interval_high);
    }
  ms_json_writer_end_object (writer);
}

int
main (void)
{
  MsJsonWriter *writer = ms_json_writer_new (NULL, MS_JSON_COMPACT);
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);
  MsAnalysisSettings settings;
  g_autofree char *text = NULL;

  ms_analysis_settings_init (&settings);
  ms_json_writer_begin_object (writer);
  add_values (writer, "limits",
              (double[]) { settings.pattern_cpu_percent, settings.pattern_bytes_per_second,
                           settings.pattern_ratio, settings.pattern_floor_percent },
              4);
  ms_json_writer_key (writer, "cases");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < CASES; i++)
    {
      Cloud cloud;

      make_cloud (&cloud, rand, i);
      write_case (writer, &cloud, MS_POINTS_INDEPENDENT);
      write_case (writer, &cloud, MS_POINTS_IN_TIME);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
  text = ms_json_writer_close_to_string (writer);
  g_print ("%s\n", text);
  return 0;
}
