/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An error of loading, as a page that says what is wrong and what to do about it.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Fills a status page for @error of ms_loader_load_finish(), met on @path. */
void ms_load_problem_show (AdwStatusPage *page, const char *path, const GError *error);

/* @text: that a program which was asked for is not being recorded. */
void ms_load_problem_show_absence (AdwStatusPage *page, const char *text);

G_END_DECLS
