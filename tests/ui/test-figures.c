/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Figures, names and time axes: what text a number or a hostile name becomes. */
#include "ms-display-name.h"
#include "ms-figures.h"
#include "ms-language.h"
#include "ms-time-axis.h"

#include <math.h>
#include <string.h>

#define S MS_THIN_SPACE

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_counts (void)
{
  assert_text (ms_figure_count (0), "0");
  assert_text (ms_figure_count (999), "999");
  assert_text (ms_figure_count (1130), "1" S "130");
  assert_text (ms_figure_count (15602059), "15" S "602" S "059");
  assert_text (ms_figure_count (G_MAXUINT64), "18" S "446" S "744" S "073" S "709" S "551" S "615");
}

static void
test_errors (void)
{
  assert_text (ms_figure_bytes_with_error (800000, 281000), "800" S "kB ± 281" S "kB");
  assert_text (ms_figure_bytes_with_error (800000, 0), "800" S "kB");
  assert_text (ms_figure_bytes_with_error (800000, 0.4), "800" S "kB");
  assert_text (ms_figure_bytes_with_error (800000, NAN), "≈" S "800" S "kB");
  assert_text (ms_figure_count_with_error (1200, 345.2), "1" S "200 ± 345");
  assert_text (ms_figure_about (ms_figure_bytes (0)), "≈" S "0" S "B");
}

static void
test_minus (void)
{
  const MsLanguage *language = ms_language_get ();

  assert_text (ms_figure_number (-0.634, 2), MS_MINUS "0.63");
  assert_text (ms_figure_number (0.634, 2), "0.63");
  assert_text (ms_figure_number (-0.004, 2), "0.00");
  assert_text (ms_figure_number (-1, 0), MS_MINUS "1");
  assert_text (ms_figure_percent (-12.34), MS_MINUS "12.3" S "%");
  assert_text (language->format_value (-3.25, "", language->data), MS_MINUS "3.2");
  assert_text (language->format_value (-250, "", language->data), MS_MINUS "250");
}

static void
test_bytes (void)
{
  assert_text (ms_figure_bytes (0), "0" S "B");
  assert_text (ms_figure_bytes (999), "999" S "B");
  assert_text (ms_figure_bytes (1000), "1.00" S "kB");
  /* Rounding never shows a thousand of a unit that has a larger one. */
  assert_text (ms_figure_bytes (999499), "999" S "kB");
  assert_text (ms_figure_bytes (999500), "1.00" S "MB");
  assert_text (ms_figure_bytes (9994999), "9.99" S "MB");
  assert_text (ms_figure_bytes (9995000), "10.0" S "MB");
  assert_text (ms_figure_bytes (99950000), "100" S "MB");
  assert_text (ms_figure_bytes (18400000), "18.4" S "MB");
  assert_text (ms_figure_bytes (G_GUINT64_CONSTANT (2500000000)), "2.50" S "GB");
  assert_text (ms_figure_bytes (G_GUINT64_CONSTANT (1234000000000000)), "1" S "234" S "TB");
  assert_text (ms_figure_byte_rate (41.8e6), "41.8" S "MB/s");
  assert_text (ms_figure_byte_rate (0), "0" S "B/s");
}

/* The same in powers of two, on every way to them. */
static void
test_binary (void)
{
  static const struct {
    guint64 bytes;
    const char *decimal, *binary;
  } CASES[] = {
    { 0, "0" S "B", "0" S "B" },
    { 999, "999" S "B", "999" S "B" },
    { 1000, "1.00" S "kB", "0.98" S "KiB" },
    { 1024, "1.02" S "kB", "1.00" S "KiB" },
    { 20000000, "20.0" S "MB", "19.1" S "MiB" },
    { 1048064, "1.05" S "MB", "1.00" S "MiB" },
    { 1u << 30, "1.07" S "GB", "1.00" S "GiB" },
    { G_GUINT64_CONSTANT (5) << 50, "5" S "629" S "TB", "5" S "120" S "TiB" },
  };
  const char *unit;

  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *decimal = ms_figure_bytes (CASES[i].bytes);

      g_assert_cmpstr (decimal, ==, CASES[i].decimal);
      ms_figures_set_byte_units (MS_BYTE_UNITS_BINARY);
      g_autofree char *binary = ms_figure_bytes (CASES[i].bytes);
      g_assert_cmpstr (binary, ==, CASES[i].binary);
      ms_figures_set_byte_units (MS_BYTE_UNITS_DECIMAL);
    }

  ms_figures_set_byte_units (MS_BYTE_UNITS_BINARY);
  g_autofree char *rate = ms_figure_byte_rate (3 * 0x1p20);
  g_assert_cmpstr (rate, ==, "3.00" S "MiB/s");
  g_assert_cmpfloat (ms_figures_get_mega (&unit, NULL), ==, 0x1p20);
  g_assert_cmpstr (unit, ==, "MiB");
  ms_figures_set_byte_units (MS_BYTE_UNITS_DECIMAL);
  g_assert_cmpfloat (ms_figures_get_mega (NULL, &unit), ==, 1e6);
  g_assert_cmpstr (unit, ==, "MB/s");
}

static void
test_durations (void)
{
  assert_text (ms_figure_chosen_duration (100020000), "100" S "ms");
  assert_text (ms_figure_chosen_duration (2500000), "2.5" S "ms");
  assert_text (ms_figure_chosen_duration (1000000000), "1" S "s");
  assert_text (ms_figure_chosen_duration (50000), "50" S "µs");
  assert_text (ms_figure_duration (-5), "0" S "ns");
  assert_text (ms_figure_duration (999), "999" S "ns");
  assert_text (ms_figure_duration (812000), "812" S "µs");
  assert_text (ms_figure_duration (999700), "1.0" S "ms");
  assert_text (ms_figure_duration (12300000), "12.3" S "ms");
  assert_text (ms_figure_duration (999990000), "1.0" S "s");
  assert_text (ms_figure_duration (G_GINT64_CONSTANT (42700000000)), "42.7" S "s");
  assert_text (ms_figure_duration (G_GINT64_CONSTANT (59960000000)), "1" S "min" S "00" S "s");
  assert_text (ms_figure_duration (G_GINT64_CONSTANT (185000000000)), "3" S "min" S "05" S "s");
  assert_text (ms_figure_duration (G_GINT64_CONSTANT (8040000000000)), "2" S "h" S "14" S "min");
}

static void
test_names (void)
{
  assert_text (ms_display_name (NULL), "(no name)");
  assert_text (ms_display_name (""), "(no name)");
  assert_text (ms_display_name ("</script><b>"), "</script><b>");
  assert_text (ms_display_name ("a\nb\x1b[31m"), "a\xef\xbf\xbd"
                                                 "b\xef\xbf\xbd[31m");
  /* A right-to-left override would turn the rest of the line around. */
  assert_text (ms_display_name ("x\xe2\x80\xaey"), "x\xef\xbf\xbdy");
  assert_text (ms_display_name ("\xff\xfe"), "\xef\xbf\xbd\xef\xbf\xbd");

  g_autofree char *longest = g_strnfill (100000, 'n');
  g_autofree char *shown = ms_display_name (longest);
  g_assert_cmpint (g_utf8_strlen (shown, -1), ==, MS_DISPLAY_NAME_MAX + 1);
  g_assert_true (g_str_has_suffix (shown, "…"));
}

/* Whatever the stretch: round steps, ticks inside it, in order, far enough apart, labels that fit. */
static void
test_time_axis (void)
{
  for (guint i = 0; i < 3000; i++)
    {
      gint64 end_ns = (gint64) 1 << g_test_rand_int_range (1, 60);
      double width = g_test_rand_double_range (1, 4000);
      MsTimeAxis axis;

      end_ns += g_test_rand_int_range (0, 1000);
      ms_time_axis_layout (&axis, 0, end_ns, 18, width, 88);
      g_assert_cmpuint (axis.n_ticks, <=, MS_TIME_AXIS_MAX_TICKS);
      g_assert_cmpuint (axis.n_ticks, >=, 1);
      for (guint t = 0; t < axis.n_ticks; t++)
        {
          const MsTick *tick = &axis.ticks[t];

          g_assert_cmpint (tick->time_ns % axis.step_ns, ==, 0);
          g_assert_cmpfloat (tick->x_px, <=, 18 + width + 0.001);
          g_assert_true (g_utf8_validate (tick->label, -1, NULL));
          g_assert_cmpuint (strlen (tick->label), <, sizeof tick->label - 1);
          if (t > 0)
            {
              g_assert_cmpfloat (tick->x_px - axis.ticks[t - 1].x_px, >=, 87.999);
              g_assert_cmpstr (tick->label, !=, axis.ticks[t - 1].label);
            }
        }
    }
}

static void
test_time_labels (void)
{
  MsTimeAxis axis;

  ms_time_axis_layout (&axis, 0, G_GINT64_CONSTANT (42700000000), 0, 900, 88);
  g_assert_cmpint (axis.step_ns, ==, G_GINT64_CONSTANT (5000000000));
  g_assert_cmpstr (axis.ticks[1].label, ==, "5" S "s");
  ms_time_axis_layout (&axis, 0, 1500000000, 0, 700, 88);
  g_assert_cmpstr (axis.ticks[1].label, ==, "0.2" S "s");
  ms_time_axis_layout (&axis, 0, G_GINT64_CONSTANT (600000000000), 0, 700, 88);
  g_assert_cmpstr (axis.ticks[1].label, ==, "2:00 min");
  ms_time_axis_layout (&axis, 0, 0, 0, 700, 88);
  g_assert_cmpuint (axis.n_ticks, ==, 0);
}

static void
check_range (gint64 start_ns, gint64 end_ns, const char *expected)
{
  g_autofree char *range = ms_figure_range (start_ns, end_ns);

  g_assert_cmpstr (range, ==, expected);
}

/* One unit for both ends, and never the same text for two different ends. */
static void
test_ranges (void)
{
  check_range (G_GINT64_CONSTANT (12400000000), G_GINT64_CONSTANT (31000000000), "12.4–31.0" S "s");
  check_range (0, 100, "0–100" S "ns");
  check_range (G_GINT64_CONSTANT (12400000000), G_GINT64_CONSTANT (12450000000),
               "12400.0–12450.0" S "ms");
  /* A short run, and short parts of a longer one. */
  check_range (0, 100000000, "0.0–100.0" S "ms");
  check_range (37200000, 137200000, "37.2–137.2" S "ms");
  check_range (0, 1500000000, "0.00–1.50" S "s");
  check_range (G_GINT64_CONSTANT (12400000000), G_GINT64_CONSTANT (13100000000),
               "12.40–13.10" S "s");
  check_range (5000, 5400, "5.00–5.40" S "µs");
  check_range (0, G_GINT64_CONSTANT (600000000000), "0–10" S "min" S "00" S "s");
}

/* What the analysis counts, as everywhere on screen; what nobody translated is said in English. */
static void
test_language (void)
{
  static const struct {
    double value;
    const char *unit, *text;
  } CASES[] = {
    { 48e6, "bytes", "48.0" S "MB" },
    { -1, "bytes", "0" S "B" },
    { 7.89e6, "bytes/s", "7.89" S "MB/s" },
    { 97.34, "percent", "97.3" S "%" },
    { 4619.2, "", "4" S "619" },
    { 12.34, "", "12.3" },
    { -5.5, "", MS_MINUS "5.5" },
    { 120.4, "1/s", "120" S "/s" },
  };
  const MsLanguage *language = ms_language_get ();
  const char *many = "many", *one = "one";

  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *text =
          language->format_value (CASES[i].value, CASES[i].unit, language->data);

      g_assert_cmpstr (text, ==, CASES[i].text);
    }

  g_autofree char *limit = language->format_limit (10, "percent", language->data);
  g_autofree char *odd_limit = language->format_limit (2.5, "percent", language->data);
  g_autofree char *plain_limit = language->format_limit (50, "", language->data);
  g_assert_cmpstr (limit, ==, "10" S "%");
  g_assert_cmpstr (odd_limit, ==, "2.5" S "%");
  g_assert_cmpstr (plain_limit, ==, "50");
  g_assert_true (language->translate ("test", one, many, 1, language->data) == one);
  g_assert_true (language->translate ("test", one, many, 2, language->data) == many);
  g_assert_true (language->translate ("test", one, NULL, 1, language->data) == one);
  g_assert_null (ms_language_reason (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/figures/counts", test_counts);
  g_test_add_func ("/figures/errors", test_errors);
  g_test_add_func ("/figures/minus", test_minus);
  g_test_add_func ("/figures/bytes", test_bytes);
  g_test_add_func ("/figures/binary", test_binary);
  g_test_add_func ("/figures/durations", test_durations);
  g_test_add_func ("/figures/ranges", test_ranges);
  g_test_add_func ("/figures/names", test_names);
  g_test_add_func ("/figures/time-axis", test_time_axis);
  g_test_add_func ("/figures/time-labels", test_time_labels);
  g_test_add_func ("/figures/language", test_language);
  return g_test_run ();
}
