/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The page's words in the language of who will read it, from the catalogues of po/ that were compiled in
 * (data/dashboard/translate.py says how they lie there).  They are not looked up where translations are
 * installed: the same options then give the same bytes anywhere, and English is all that is always there.
 */
#pragma once

#include "ms-sentence.h"

G_BEGIN_DECLS

typedef struct _MsDashboardWords MsDashboardWords;

/* "de", "zh_CN"; also "de_AT.UTF-8", "zh-CN".  NULL: the language of the environment (LANGUAGE, LC_ALL, …).  English
 * where there is none of it. (transfer full) */
MsDashboardWords *ms_dashboard_words_new (const char *language);
void ms_dashboard_words_free (MsDashboardWords *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsDashboardWords, ms_dashboard_words_free)

/* For lang="…". */
const char *ms_dashboard_words_get_tag (MsDashboardWords *self);
/* Where scripts are off; safe in HTML. */
const char *ms_dashboard_words_get_html (MsDashboardWords *self);
/* For sentences of the analysis.  NULL is English. */
const MsLanguage *ms_dashboard_words_get_language (MsDashboardWords *self);

/* The page's block of words, and of the fixed texts those that are strings of @data, which is JSON. */
char *ms_dashboard_words_dup_block (MsDashboardWords *self, const char *data);

/* "en", "de", …: those that there are. (transfer full) */
GStrv ms_dashboard_words_dup_languages (void);

G_END_DECLS
