/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which leaks are known and shall not be reported: LeakSanitizer's suppression files.
 *
 *   # what the toolkit keeps on purpose
 *   leak:libfontconfig.so
 *   leak:^my_cache_*
 *   leak:pool.c$
 *
 * One to a line; empty lines and those that begin with # are left out, as are blanks around a pattern.  A
 * pattern is looked for anywhere in the function name (demangled), the file name and the module's path of each
 * frame, innermost frame first.  * stands for any characters, ^ as the first character for the beginning of
 * the name, $ as the last for its end.  The first pattern in the file that matches the first frame counts.
 */
#pragma once

#include "ms-name-resolver.h"

G_BEGIN_DECLS

#define MS_SUPPRESSIONS_ERROR (ms_suppressions_error_quark ())
MS_API GQuark ms_suppressions_error_quark (void);
/* Errors of reading suppressions, of the domain MS_SUPPRESSIONS_ERROR. */
typedef enum { MS_SUPPRESSIONS_ERROR_SYNTAX } MsSuppressionsError;

/* Immutable; may be used from any thread. */
typedef struct _MsSuppressions MsSuppressions;

/* @text: a whole file, of @n_bytes (-1: up to its NUL); any bytes.  NULL with MS_SUPPRESSIONS_ERROR_SYNTAX, whose
 * message begins with "line N: ". (transfer full) */
MS_API MsSuppressions *ms_suppressions_parse (const char *text, gssize n_bytes, GError **error);
MS_API MsSuppressions *ms_suppressions_ref (MsSuppressions *self);
MS_API void ms_suppressions_unref (MsSuppressions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsSuppressions, ms_suppressions_unref)

MS_API guint ms_suppressions_get_n (MsSuppressions *self);
/* Valid UTF-8. (transfer none) */
MS_API const char *ms_suppressions_get_pattern (MsSuppressions *self, guint index);
MS_API guint ms_suppressions_get_line (MsSuppressions *self, guint index);

/* Whether @pattern, as after "leak:", matches @name.  NULL and "" match nothing. */
MS_API gboolean ms_suppression_pattern_matches (const char *pattern, const char *name);

/* Finds the suppression of one stack after another, and remembers frames; for one thread. */
typedef struct _MsSuppressionMatcher MsSuppressionMatcher;

/* @resolver NULL: only modules are known.  All are kept. (transfer full) */
MS_API MsSuppressionMatcher *ms_suppression_matcher_new (MsSuppressions *suppressions,
                                                         MsTrace *trace,
                                                         MsNameResolver *resolver);
MS_API void ms_suppression_matcher_free (MsSuppressionMatcher *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsSuppressionMatcher, ms_suppression_matcher_free)

/* The index of the suppression that matches @stack, or -1. */
MS_API gint ms_suppression_matcher_match (MsSuppressionMatcher *self, guint stack);

G_END_DECLS
