/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The columns of the threads table, as a table: the view, the sort orders and the CSV are made from
 * it, so that a new column is one line here.
 */
#pragma once

#include "ms-thread-row.h"

G_BEGIN_DECLS

typedef enum {
  MS_VALUE_TEXT,   /* compared as people sort names */
  MS_VALUE_NUMBER, /* a name in digits: no thousands */
  MS_VALUE_ROLE,
  MS_VALUE_ALERT,
  MS_VALUE_COUNT,
  MS_VALUE_BYTES,
  MS_VALUE_RATE,     /* bytes a second */
  MS_VALUE_DURATION, /* ns */
  MS_VALUE_PERCENT,  /* measured, as the next: maybe not known */
  MS_VALUE_MEASURED_COUNT,
} MsValueKind;

typedef struct {
  const char *id;    /* the CSV's heading, with its unit; also names the column for tests */
  const char *title; /* to be translated, context "column" */
  MsValueKind kind;
  gboolean of_tracked;                      /* has no value for a thread that was not tracked */
  guint64 (*get_number) (MsThreadRow *row); /* all kinds but text and the measured ones */
  const char *(*get_text) (MsThreadRow *row);
  MsMeasured (*get_measured) (MsThreadRow *row);
  double (*get_error) (
      MsThreadRow *row); /* its standard error, of a sampled trace; NULL: it has none */
} MsThreadColumn;

const MsThreadColumn *ms_thread_columns_get (guint *n_columns);

/* As shown; where a trace @ends_early (ms_leaks_are_in_use()), what was not freed is in use. */
const char *ms_thread_column_get_title (const MsThreadColumn *column, gboolean ends_early);
gboolean ms_thread_column_is_numeric (const MsThreadColumn *column);
gboolean ms_thread_column_has_value (const MsThreadColumn *column, MsThreadRow *row);
/* Why there is none, a sentence, or how far an estimate may be off; else NULL. (transfer full) */
char *ms_thread_column_explain (const MsThreadColumn *column, MsThreadRow *row);
/* As shown, an estimate as "≈ 800 kB"; "—" where there is no value. */
char *ms_thread_column_format (const MsThreadColumn *column, MsThreadRow *row);
/* Ascending; what has no value comes first. */
int ms_thread_column_compare (const MsThreadColumn *column, MsThreadRow *a, MsThreadRow *b);

G_END_DECLS
