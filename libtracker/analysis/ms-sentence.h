/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A sentence that the analysis says, before it is in any language: what is said, and of which names and
 * figures.
 *
 *   "%s holds %s %% of the peak of %s."     the text, in English, with a context for translators
 *   "ingest-1"  "62"  48.0e6 bytes          its parts, one for each %s
 *
 * Reports and exports write it in English, with figures that no locale changes.  The application writes it in
 * the language of who reads it; in a translation the parts may come in another order ("%2$s … %1$s").  Texts
 * are found for translators by the name of ms_sentence_new() (po/meson.build); those that stand in tables are
 * marked there, as GLib has it.
 */
#pragma once

#include "ms-types.h"

G_BEGIN_DECLS

typedef struct _MsSentence MsSentence;

/* A language. */
typedef struct {
  /* @text in it; @many, if it is not NULL, is the text for other numbers than one.  What it does not have
   * is given back as it is. (transfer none) */
  const char *(*translate) (const char *context,
                            const char *text,
                            const char *many,
                            gulong n,
                            gpointer data);
  /* A figure, as ms_evidence_format_value() writes it in English. (transfer full) */
  char *(*format_value) (double value, const char *unit, gpointer data);
  /* Likewise ms_evidence_format_limit(). (transfer full) */
  char *(*format_limit) (double value, const char *unit, gpointer data);
  gpointer data;
} MsLanguage;

/* @context and the texts are static. */
MsSentence *ms_sentence_new (const char *context, const char *text);
MsSentence *ms_sentence_new_plural (const char *context,
                                    const char *text,
                                    const char *many,
                                    gulong n);
void ms_sentence_free (MsSentence *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsSentence, ms_sentence_free)

/* Its next part. */
void ms_sentence_add_name (MsSentence *self, const char *name); /* from the traced program */
void ms_sentence_add_count (MsSentence *self, guint count);
void ms_sentence_add_value (MsSentence *self, double value, const char *unit);
/* The same of a sampled trace: "about 17.8 MB".  @standard_error 0: it is exact. */
void ms_sentence_add_estimate (MsSentence *self,
                               double value,
                               double standard_error,
                               const char *unit);
void ms_sentence_add_limit (MsSentence *self, double value, const char *unit);
void ms_sentence_add_sentence (MsSentence *self, MsSentence *part); /* takes it */

/* NULL is English. (transfer full) */
MS_API char *ms_sentence_write (const MsSentence *self, const MsLanguage *language);

G_END_DECLS
