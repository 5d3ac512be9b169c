/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The words of Rust's v0 mangling, below its grammar: a place in the symbol, the text made so far,
 * numbers and identifiers.  Used by ms-demangle-rust-v0.c alone.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  const char *input; /* after "_R" */
  gsize n, at;
  GString *out; /* NULL while what is read is not to be shown */
  guint depth;
  guint n_lifetimes; /* bound by the binders around this point */
  gboolean failed;
} MsV0Cursor;

typedef struct {
  const char *ascii;
  gsize n_ascii;
  const char *punycode;
  gsize n_punycode;
} MsV0Identifier;

/* One byte; peek gives 0 at the end, next fails there. */
char ms_v0_peek (MsV0Cursor *v);
char ms_v0_next (MsV0Cursor *v);
gboolean ms_v0_eat (MsV0Cursor *v, char c);

/* Every recursive rule begins with enter and ends with depth--. FALSE: too deep. */
gboolean ms_v0_enter (MsV0Cursor *v);

/* "_" is 0, "0_" is 1, …; [0-9a-zA-Z]. */
guint64 ms_v0_base_62 (MsV0Cursor *v);
guint64 ms_v0_disambiguator (MsV0Cursor *v);
MsV0Identifier ms_v0_identifier (MsV0Cursor *v);
/* A constant's digits without leading zeros and without the closing underscore. */
const char *ms_v0_hex_digits (MsV0Cursor *v, gsize *n);

void ms_v0_print (MsV0Cursor *v, const char *text);
void ms_v0_print_bytes (MsV0Cursor *v, const char *bytes, gsize n);
void ms_v0_print_number (MsV0Cursor *v, guint64 number);
void ms_v0_print_identifier (MsV0Cursor *v, const MsV0Identifier *id);

G_END_DECLS
