/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an agent that lies says: values of D-Bus types with the texts, numbers and paths that break programs which
 * believe them, and sometimes of another type than was to be.  For test-hostile-agent.c; the same values again for a
 * generator with the same seed.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HOSTILE_MAX_DESCRIPTORS 16

gboolean hostile_is_one_in (GRand *random, gint n);
/* All of them floating. */
GVariant *hostile_make_value (GRand *random, const GVariantType *type);
/* Of @type, mostly. */
GVariant *hostile_make_some (GRand *random, const char *type);
/* As GetAll answers, of this process: a{sv}. */
GVariant *hostile_make_properties (GRand *random);
/* The body of the signal Sample. */
GVariant *hostile_make_sample (GRand *random);

G_END_DECLS
