/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a status page says, as it is: libadwaita takes its description for markup, and a message with the name of a
 * file in it may hold "R&D" or "<unknown>", of which nothing would be shown but a warning.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* @words: (nullable): none. */
void ms_status_words_set (GtkWidget *status_page, const char *words);

G_END_DECLS
