/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Stretches of time as people type them, and the bar that is shown while one waits. */
#include <string.h>

#include "ms-progress-line.h"
#include "ms-quantity.h"
#include "ms-terminal-text.h"
#include "ms-time-range.h"

static void
test_times (void)
{
  const struct {
    const char *text;
    gint64 time_ns; /* -1: it is none */
  } cases[] = {
    { "1.5", 1500000000 },
    { "0", 0 },
    { "12us", 12000 },
    { "12µs", 12000 },
    { " 200 ms ", 200000000 },
    { "7ns", 7 },
    { "2min", 120000000000 },
    { "1h", 3600000000000 },
    { "9e9", -1 },
    { "", -1 },
    { "s", -1 },
    { "-1s", -1 },
    { "0x1", -1 },
    { "1 parsec", -1 },
    { "99999999999999999999h", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 time_ns = -1;

      g_assert_cmpint (ms_quantity_parse_time (cases[i].text, &time_ns), ==,
                       cases[i].time_ns != -1);
      g_assert_cmpint (time_ns, ==, cases[i].time_ns);
    }
}

static void
test_ranges (void)
{
  const struct {
    const char *text;
    gint64 from_ns, to_ns;
    const char *says; /* NULL: it is a range */
  } cases[] = {
    { "1.5s..3s", 1500000000, 3000000000, NULL },
    { "200ms..", 200000000, MS_TIME_NONE, NULL },
    { "..12us", MS_TIME_NONE, 12000, NULL },
    { "..", MS_TIME_NONE, MS_TIME_NONE, NULL },
    { "1..+200ms", 1000000000, 1200000000, NULL },
    { "..+5ms", MS_TIME_NONE, 5000000, NULL },
    { "290000000000..+9000000000", 0, 0, "numbers of seconds" },
    { "1.5s", 0, 0, "write FROM..TO" },
    { "2s..1s", 0, 0, "its end is not after its start" },
    { "1s..1s", 0, 0, "its end is not after its start" },
    { "..0", 0, 0, "its end is not after its start" },
    { "a..b", 0, 0, "numbers of seconds" },
    { "1s...2s", 0, 0, "numbers of seconds" },
    { "1s..+", 0, 0, "numbers of seconds" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MsTimeRange range = { 0 };
      g_autoptr (GError) error = NULL;
      gboolean is_range = ms_time_range_parse (&range, cases[i].text, &error);

      if (cases[i].says != NULL)
        {
          g_assert_false (is_range);
          g_assert_nonnull (strstr (error->message, cases[i].says));
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpint (range.from_ns, ==, cases[i].from_ns);
      g_assert_cmpint (range.to_ns, ==, cases[i].to_ns);
    }
}

static void
test_outside (void)
{
  const MsTimeRange late = { 3000000000, MS_TIME_NONE }, wide = { 1000000000, 9000000000 };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ms_time_range_to_string (&wide, 2310000000);

  g_assert_true (ms_time_range_check (&wide, "1..9", 2310000000, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "1.00 s to 2.31 s");
  g_assert_false (ms_time_range_check (&late, "3..", 2310000000, &error));
  g_assert_cmpstr (error->message, ==,
                   "--range 3..: it lies outside the recording, which is 2.31 s long");
}

static void
test_progress (void)
{
  const struct {
    guint width;
    double fraction;
    const char *line;
  } cases[] = {
    { 40, 0.5, "reading 0-sh.1  ########-------   50 %" },
    { 40, 7, "reading 0-sh.1  ###############  100 %" },
    { 24, -1, "reading…  -------    0 %" },
    { 8, 0.5, " 50 %" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line =
          ms_progress_line_draw ("reading 0-sh.1", cases[i].fraction, cases[i].width, FALSE);

      g_assert_cmpstr (line, ==, cases[i].line);
      g_assert_cmpuint (ms_terminal_text_width (line), <=, cases[i].width);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/time-range/times", test_times);
  g_test_add_func ("/time-range/ranges", test_ranges);
  g_test_add_func ("/time-range/outside", test_outside);
  g_test_add_func ("/time-range/progress", test_progress);
  return g_test_run ();
}
