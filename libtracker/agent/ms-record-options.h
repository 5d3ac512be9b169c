/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The command line of `memscope record`, checked before anything is made or started:
 *
 *   record [-o DIR] [--threads RULE] [--stack-depth N] [--sampling-rate F | --sample-interval BYTES]
 *          [--preset NAME] [--free-stacks] [--resources-rate HZ | --no-resources | --resources-only] [--no-mappings]
 *          [--no-net] [--dormant] [--open] [--debug] [--wait]
 *          [--] PROGRAM ARGS…
 *
 * The first word that is no option is the program, and everything after it is the program's own,
 * "--" or not, as with env(1) and nice(1).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MS_RECORD_OPTIONS_ERROR (ms_record_options_error_quark ())
GQuark ms_record_options_error_quark (void);

typedef struct {
  char *output; /* as given; NULL: make a name */
  char *threads;
  guint stack_depth;
  double sampling_rate;
  guint64 sample_interval_bytes;
  guint64 ring_bytes; /* of each thread, whole windows; 0: all events are written */
  gboolean frequency;
  gboolean free_stacks;
  gboolean mappings;
  gboolean net; /* bytes on sockets */
  gboolean debug;
  gboolean wait;
  gboolean dormant;     /* nothing is recorded until somebody asks */
  gboolean open;        /* in the desktop application, before the program starts */
  guint resources_rate; /* samples a second; 0: none */
  gboolean help;        /* --help was there: nothing else was checked */
  char **command;       /* PROGRAM ARGS…, NULL-terminated, at least one */
} MsRecordOptions;

/* @arguments: NULL-terminated, without the word "record".  Any error is one of usage: a line for
 * stderr, to be followed by exit status 2. (transfer full) */
MsRecordOptions *ms_record_options_parse (const char *const *arguments, GError **error);
void ms_record_options_free (MsRecordOptions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsRecordOptions, ms_record_options_free)

/* What --help says, to standard output. */
void ms_record_options_print_help (void);

G_END_DECLS
