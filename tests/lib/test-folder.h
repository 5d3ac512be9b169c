/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <glib.h>

/* A fresh folder below the system's temporary one, and its removal with all that is in it. */
char *test_folder_new (void);
void test_folder_remove (const char *folder);
