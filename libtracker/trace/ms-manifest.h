/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope_trace.json, which the recorder writes at start and the closer completes.  Every member may
 * be missing or of another type: it then has the value that means "unknown".
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include "ms-types.h"
#include "trk-format.h"

G_BEGIN_DECLS

/* A file that stands in the folder while somebody watches the process who knows that it lives: an agent outside
 * of this sandbox, whose pids mean nothing here (live/ms-trace-mirror.h).  No recorder writes it.  Empty: the process
 * lives; "exited 3" or "killed 137": how it ended, as that agent said, of a folder that nobody has closed. */
#define MS_WATCHED_FILE_NAME "memscope_watched"
/* Stands beside it where that agent's files are more than can be held open: how many are missing, in digits. */
#define MS_LEFT_OUT_FILE_NAME "memscope_left_out"

typedef struct {
  gboolean present;
  gboolean has_trace_id;
  guint8 trace_id[16];
  gint pid, parent_pid;
  guint64 process_start_ticks;
  char *boot_id;
  guint64 pid_namespace;
  char *executable;
  char **arguments;
  gint64 start_wall_us;
  gint64 start_ns; /* CLOCK_MONOTONIC; 0: unknown */
  gboolean clock_is_tsc;
  guint64 clock_ticks; /* a pair read together; has_clock_pair */
  gint64 clock_ns;
  gboolean has_clock_pair;
  char *thread_rule;    /* as given; NULL: unknown */
  gboolean all_threads; /* every thread was to be recorded */
  gboolean no_threads;  /* none, unless that was changed later */
  gboolean explicit_api;
  gboolean mappings; /* mmap and its family were to be recorded */
  double sampling_rate;
  guint64 sample_interval_bytes;
  guint stack_depth;
  guint64 ring_bytes; /* each thread kept only its last so many bytes of events; 0: all of them */
  TrkEndedThreads ended; /* likewise: of all threads that ended, known when it was closed */
  gboolean forked;
  gboolean began_late; /* the process had been running for a while */
  gboolean closed;
  gboolean is_watched; /* MS_WATCHED_FILE_NAME is there */
  MsState watched_state;
  gint watched_exit_status; /* -1: unknown; 128 + signal */
  guint n_left_out;         /* what MS_LEFT_OUT_FILE_NAME says */
  MsState state;
  gint exit_status;       /* -1: unknown; 128 + signal */
  gint64 end_ns;          /* CLOCK_MONOTONIC; 0: unknown */
  guint64 dropped_events; /* 0: the pool or the events say */
  guint64 failed_writes;
  char *last_write_error; /* valid UTF-8; NULL: none */
  gboolean has_totals, has_peak;
  guint64 peak_bytes, allocations;
  double peak_standard_error; /* 0: exact */
  guint64 mapped_peak_bytes;  /* 0: none, or mappings were not recorded */
  guint64 n_threads;          /* 0: unknown */
  gboolean ends_early;        /* a part of a recording that goes on after it */
  gboolean was_replaced;      /* by another program, in the same process: exec */
  gboolean is_part; /* memscope trim wrote it: from part_from_ns to part_to_ns of the whole */
  gint64 part_from_ns, part_to_ns;
  char *imported_from; /* valid UTF-8: another program's name and version, or NULL */
  GPtrArray *notes;    /* of MsDiagnostic: what is to be known of an import or a part; NULL: none */
  char *not_followed;  /* valid UTF-8: why there is no trace in the folder, or NULL */
} MsManifest;

/* Reads the manifest of the folder @dir_fd.  A missing or damaged one is a diagnostic.  Returns FALSE
 * with MS_ERROR_VERSION if a program of another format wrote it. */
gboolean ms_manifest_read (MsManifest *self, int dir_fd, GPtrArray *diagnostics, GError **error);
/* What the user calls the program: the base name of what was typed (several commands may be one
 * executable), else of the executable.  Valid UTF-8; NULL if neither is known. (transfer full) */
char *ms_program_name (const char *first_argument, const char *executable);
void ms_manifest_clear (MsManifest *self);

/* Parses @text, refusing what nests deeper than our own files do (the parser recurses). */
JsonNode *ms_json_parse (const char *text, gsize n_bytes, GError **error);

/* Members with a default for what is missing, of another type or out of range. */
gint64 ms_json_get_int (JsonObject *object, const char *name, gint64 fallback);
double ms_json_get_double (JsonObject *object, const char *name, double fallback);
gboolean ms_json_get_boolean (JsonObject *object, const char *name, gboolean fallback);
/* (nullable) (transfer none) */
const char *ms_json_get_string (JsonObject *object, const char *name);
/* (nullable) (transfer none) */
JsonObject *ms_json_get_object (JsonObject *object, const char *name);
/* Strings of the array @name, valid UTF-8; empty if there is none. (transfer full) */
char **ms_json_dup_strings (JsonObject *object, const char *name);

G_END_DECLS
