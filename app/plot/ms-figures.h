/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Figures as people read them: thin spaces between thousands, one decimal, one unit a figure.
 *
 *   1 130      18.4 MB      41.8 MB/s      42.7 s
 *
 * 1 MB is 10⁶ bytes, 1 MiB 2²⁰: which of them is one choice for the whole program, as the locale is, so that no
 * two figures on a screen can differ.  It is the user's (widgets/ms-display-units.h); files that are written do not
 * ask for it.  The decimal sign is the locale's.  Every function returns a new string.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* U+202F: a thin space at which no line is broken. */
#define MS_THIN_SPACE "\xe2\x80\xaf"
/* What stands where nothing was measured. */
#define MS_NOT_MEASURED "\xe2\x80\x94"
/* U+2212: as wide as a plus. */
#define MS_MINUS "\xe2\x88\x92"

typedef enum {
  MS_BYTE_UNITS_DECIMAL, /* kB, MB, GB, TB: how it begins */
  MS_BYTE_UNITS_BINARY,  /* KiB, MiB, GiB, TiB */
  MS_N_BYTE_UNITS,
} MsByteUnits;

/* From any thread; what has been put into words already stays as it is. */
void ms_figures_set_byte_units (MsByteUnits units);
MsByteUnits ms_figures_get_byte_units (void);
/* For an axis or an entry with one unit for all of its figures: the bytes of a MB or MiB, and its names, static
 * strings: "MB" and "MB/s".  Either may be NULL. */
double ms_figures_get_mega (const char **bytes, const char **rate);

char *ms_figure_count (guint64 count);
char *ms_figure_bytes (guint64 bytes);
char *ms_figure_byte_rate (double bytes_per_second);
/* Of a sampled trace, with the standard error that MsStandardErrors explains: "800 kB ± 281 kB"; without one (0, or
 * less than whole numbers show) the figure is exact and stands alone. */
char *ms_figure_bytes_with_error (guint64 bytes, double standard_error);
char *ms_figure_count_with_error (guint64 count, double standard_error);
char *ms_figure_byte_rate_with_error (double bytes_per_second, double standard_error);
/* The same where there is no room: "≈ 800 kB".  Takes @figure. */
char *ms_figure_about (char *figure);
/* Whether there is an error to be shown; NaN: there is one, and it is not known. */
gboolean ms_figure_has_error (double standard_error);
char *ms_figure_percent (double percent);
/* With so many decimals and a minus, not a hyphen: "−0.63".  What rounds to 0 has none. */
char *ms_figure_number (double value, guint n_decimals);
/* A length of time: "812 µs", "12.3 ms", "42.7 s", "3 min 05 s", "2 h 14 min". */
char *ms_figure_duration (gint64 duration_ns);

/* What somebody chose and nobody measured: without decimals that say nothing, "100 ms", "2.5 s", "10 %". */
char *ms_figure_chosen_percent (double percent);
char *ms_figure_chosen_duration (gint64 duration_ns);

/* A stretch of time in one unit: "12.4–31.0 s"; as two times where one unit does not do. */
char *ms_figure_range (gint64 start_ns, gint64 end_ns);

/* The number of ms_figure_bytes() without its unit, which is a static string. */
char *ms_figure_split_bytes (double bytes, const char **unit);
/* The same for bytes a second: "MB/s". */
char *ms_figure_split_byte_rate (double bytes_per_second, const char **unit);

G_END_DECLS
