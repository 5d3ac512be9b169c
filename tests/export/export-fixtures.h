/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Traces that the tests of the exports share, loaded from folders that the trace builder writes:
 *
 *   plain      three threads whose figures are known by hand (export-fixtures.c has the table)
 *   hostile    names of threads, program, arguments, functions and files that try to be markup, to turn
 *              the direction of text, to be no UTF-8, or to be 10 000 characters long
 *   many       more threads than have cards, more stacks than fit, every name long
 *   untracked  threads without one allocation
 *   sampled    one thread of which a quarter was kept
 *   measured   the plain one, with samples of its resources
 *   threadless no thread at all, from a program that ended by itself
 */
#pragma once

#include "ms-name-resolver.h"
#include "ms-trace.h"

G_BEGIN_DECLS

/* What the functions of the stacks are called: by address, from a table. */
#define EXPORT_TYPE_NAMES (export_names_get_type ())
G_DECLARE_FINAL_TYPE (ExportNames, export_names, EXPORT, NAMES, GObject)

/* The trace of fixture @name, and the resolver that belongs to it.  NULL if there is none of that
 * name. (transfer full) */
MsTrace *export_fixture_load (const char *name, MsNameResolver **resolver);

G_END_DECLS
