/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A fuzz target: what libFuzzer calls with any bytes, and the well-formed inputs to begin from, which
 * the target makes itself through the encoders.
 *
 * The ordinary test run (fuzz-replay.c) feeds each target its seeds, thousands of deterministic
 * mutations of them, and the inputs that once broke it (corpus/<name>/).  With -Dfuzzing=true
 * libFuzzer does the mutating.
 */
#pragma once

#include <glib.h>

typedef void (*FuzzSeedFunc) (const guint8 *bytes, gsize n_bytes, gpointer user_data);

/* Mutations of each seed in the ordinary run: few where one run is slow. */
extern const guint fuzz_n_mutations;
void fuzz_add_seeds (FuzzSeedFunc add, gpointer user_data);
int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n_bytes);
