/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A trace: what one process did, loaded from its trace folder.
 *
 * ms_trace_load() reads everything and returns an immutable object, which any number of threads may
 * read without a lock.  Damage in a file is a diagnostic of the trace; only a folder that is no
 * trace at all is an error.
 */
#pragma once

#include <gio/gio.h>
#include "ms-resource-samples.h"
#include "ms-thread.h"
#include "ms-types.h"

G_BEGIN_DECLS

#define MS_TYPE_TRACE (ms_trace_get_type ())
MS_API
G_DECLARE_FINAL_TYPE (MsTrace, ms_trace, MS, TRACE, GObject)

#define MS_ERROR (ms_error_quark ())
/* Of errors that say why a folder is no trace. */
MS_API GQuark ms_error_quark (void);

/* Why a folder is no trace. */
typedef enum {
  MS_ERROR_NOT_A_TRACE, /* the folder has none of our files */
  MS_ERROR_EMPTY,       /* a trace folder that recorded nothing yet */
  MS_ERROR_UNREADABLE,  /* the system refused: permission, I/O error */
  MS_ERROR_VERSION,     /* written by an incompatible version */
  MS_ERROR_DAMAGED      /* nothing in it could be read */
} MsError;

/* Called on the loading thread, @fraction from 0 to 1. */
typedef void (*MsProgressFunc) (double fraction, gpointer user_data);

/* Loads the trace folder @folder (which holds memscope_trace.json or memscope_*.bin), or a data file of
 * heaptrack, which is told by its content.  Blocks: call it on a worker.  Returns NULL with MS_ERROR or G_IO_ERROR_CANCELLED. (transfer full) */
MS_API MsTrace *ms_trace_load (const char *folder,
                               GCancellable *cancellable,
                               MsProgressFunc progress,
                               gpointer user_data,
                               GError **error);

/* What loading may leave behind beside the figures of the whole trace. */
typedef enum {
  MS_LOAD_FIGURES = 0, /* nothing */
  /* Every event in columns, in a file of the user's cache folder: what a view of a part of the trace is
   * computed from (ms-view.h).  About 14 bytes an event on disk, and some seconds at 100 million. */
  MS_LOAD_HISTORY = 1 << 0,
  /* Reads every event, whether the folder has a summary or not, and leaves none.  The variable
   * MEMSCOPE_NO_CACHE=1 does that to every load. */
  MS_LOAD_WITHOUT_CACHE = 1 << 1,
  /* Starts no threads.  The figures are the same. */
  MS_LOAD_ON_ONE_THREAD = 1 << 2,
  /* Reads no event: figures from a summary, and with MS_LOAD_HISTORY the history if the cache has it.  NULL with
   * G_IO_ERROR_NOT_FOUND where there is no summary that fits; small folders have none, as they are read as soon. */
  MS_LOAD_ONLY_SUMMARY = 1 << 3
} MsLoadFlags;

/* The same, with @flags.  That no history could be kept is a diagnostic, not an error. (transfer full) */
MS_API MsTrace *ms_trace_load_full (const char *folder,
                                    MsLoadFlags flags,
                                    GCancellable *cancellable,
                                    MsProgressFunc progress,
                                    gpointer user_data,
                                    GError **error);

/* For who closes a folder whose process has ended: writes the .freq file beside each file of events.
 * They can be made again from the events, so that a failure loses nothing. */
MS_API gboolean ms_trace_write_frequency_files (MsTrace *self, GError **error);
/* And memscope_summary.bin, when the folder is as it will stay, unless it is so small that there is nothing
 * to gain.  The first reader makes one where this fails. */
MS_API void ms_trace_write_summary (MsTrace *self);

/* --- what was recorded --- */

/* As it was given to ms_trace_load(). */
MS_API const char *ms_trace_get_folder (MsTrace *self);
/* The program that wrote the file which this was made from, such as "heaptrack 1.4.0"; NULL: it was recorded
 * by Memscope.  What that program does not record is then not known: see the diagnostics. */
MS_API const char *ms_trace_get_imported_from (MsTrace *self);
/* The process, in its own pid namespace. */
MS_API gint ms_trace_get_pid (MsTrace *self);
/* Who started it; 0: unknown. */
MS_API gint ms_trace_get_parent_pid (MsTrace *self);
/* Base name of what was typed, else of the executable; valid UTF-8. */
MS_API const char *ms_trace_get_program (MsTrace *self);
/* Its full path as text, or "" if unknown. (transfer none) */
MS_API const char *ms_trace_get_executable (MsTrace *self);
/* What was typed, word by word: NULL-terminated, valid UTF-8. (transfer none) */
MS_API const char *const *ms_trace_get_arguments (MsTrace *self);
/* Whether the process runs, or how it ended. */
MS_API MsState ms_trace_get_state (MsTrace *self);
/* Views of a part of it can be made (ms-view.h). */
MS_API gboolean ms_trace_has_history (MsTrace *self);
/* Whoever recorded it has finished with its files, which stay as they are. */
MS_API gboolean ms_trace_is_closed (MsTrace *self);
/* The process went on after this trace: it still runs, or may do so, another program took its place, or the trace is a
 * trimmed part that ends before it did.  Blocks that are live at the end are in use then, not leaked. */
MS_API gboolean ms_trace_ends_early (MsTrace *self);
/* It ended with exec: another program, which has a trace of its own, took the process's place. */
MS_API gboolean ms_trace_was_replaced (MsTrace *self);
/* memscope trim wrote it: a stretch of a recording, which may be all of it, or some threads' part.  @from_ns
 * and @to_ns (nullable) say which stretch; 0 of a trace that is none. */
MS_API gboolean ms_trace_is_part (MsTrace *self, gint64 *from_ns, gint64 *to_ns);
/* Each thread's last so many bytes of events were kept, and those before written over (record --ring); 0: all
 * were.  Allocations, their bytes and deallocations are exact all the same. */
MS_API guint64 ms_trace_get_ring_bytes (MsTrace *self);
/* Of such a trace: from then on all events of all threads are there.  0 of any other. */
MS_API gint64 ms_trace_get_kept_from_ns (MsTrace *self);
/* Why live, leaked and peak bytes are not known, a clause in the language of diagnostics; NULL: they are.  Of a ring that
 * has written over events they are not: of what was allocated before those that are left nobody knows whether it was
 * freed, and of what is freed nobody knows how large it was. (transfer none) (nullable) */
MS_API const char *ms_trace_why_no_live (MsTrace *self);
/* How it was to be sampled from the start on: each allocation with the probability @rate, and one in
 * @interval_bytes (0: not so).  FALSE: every allocation was recorded, or the trace does not say. */
MS_API gboolean ms_trace_get_sampling (MsTrace *self, double *rate, guint64 *interval_bytes);
/* Exit status if known (state exited), 128 + signal if killed by one and known, else -1. */
MS_API gint ms_trace_get_exit_status (MsTrace *self);
/* When it started, in microseconds since 1970; 0: unknown. */
MS_API gint64 ms_trace_get_start_wall_us (MsTrace *self);
/* From its start to its end, or to the latest event of one that runs. */
MS_API gint64 ms_trace_get_duration_ns (MsTrace *self);
/* Events that were read: allocations, frees, mappings, names of threads and so on. */
MS_API guint64 ms_trace_get_n_events (MsTrace *self);
/* Events that happened and could not be recorded. */
MS_API guint64 ms_trace_get_dropped_events (MsTrace *self);
/* The dropped ones by reason; @n of them. (transfer none) */
MS_API const MsLoss *ms_trace_get_losses (MsTrace *self, guint *n);
/* The process began as a fork of a recorded one. */
MS_API gboolean ms_trace_is_forked (MsTrace *self);
/* Not all allocations are in it: figures are estimates. */
MS_API gboolean ms_trace_is_sampled (MsTrace *self);
/* The probability with which an allocation of @size bytes was kept, as sampling was set when the recording began; 1: all
 * were, or nobody knows. */
MS_API double ms_trace_get_keep_probability (MsTrace *self, guint64 size);
/* Which threads were to be recorded, as the user said it; "all" if unknown. (transfer none) */
MS_API const char *ms_trace_get_thread_rule (MsTrace *self);
/* How many frames of a call stack were to be kept; 0: unknown. */
MS_API guint ms_trace_get_stack_depth (MsTrace *self);
/* How many call stacks have an end that is missing. */
MS_API guint64 ms_trace_get_truncated_stacks (MsTrace *self);
/* Those of them that have as many frames as were to be kept. */
MS_API guint64 ms_trace_get_deep_stacks (MsTrace *self);
/* What a person should know about it. (transfer none) (element-type MsDiagnostic) */
MS_API GPtrArray *ms_trace_get_diagnostics (MsTrace *self);

/* --- figures --- */

/* The domain shown at the top level: heap, or declared where that is the only one. */
MS_API MsDomain ms_trace_get_main_domain (MsTrace *self);
/* Whether there is memory of this kind in it. */
MS_API gboolean ms_trace_has_domain (MsTrace *self, MsDomain domain);
/* Figures of the whole process. (transfer none) */
MS_API const MsTotals *ms_trace_get_totals (MsTrace *self, MsDomain domain);

/* Whether mmap and its family were to be recorded. */
MS_API gboolean ms_trace_has_mappings (MsTrace *self);
/* What the domain mapping is made of. (transfer none) */
MS_API const MsMappingTotals *ms_trace_get_mapping_totals (MsTrace *self, MsMappingKind kind);
/* The kinds of mappings that were made at @stack: bit 1 << MsMappingKind for each. */
MS_API guint ms_trace_get_stack_mapping_kinds (MsTrace *self, guint stack);

/* How many threads the process had, tracked or not, but for those that were forgotten. */
MS_API guint ms_trace_get_n_threads (MsTrace *self);
/* How many threads ended of which only sums are left, in the figures of the process and of the call stacks: of a ring those
 * that were written over, of a trace that is followed the least of those that ended, while there are more than some
 * thousands.  A folder that is read as a whole has all of them. */
MS_API guint64 ms_trace_get_n_forgotten_threads (MsTrace *self);
/* A thread by index, in order of id. (transfer none) */
MS_API MsThread *ms_trace_get_thread (MsTrace *self, guint index);
/* A thread by id; NULL if there is no such. (transfer none) */
MS_API MsThread *ms_trace_find_thread (MsTrace *self, guint id);

/* Live bytes over the whole trace in @n_bins equal stretches: the maximum (@max, and minimum @min if not
 * NULL) of each.  @thread NULL: the process.  Arrays have n_bins elements and are the caller's. */
MS_API void ms_trace_get_live_series (MsTrace *self,
                                      MsThread *thread,
                                      MsDomain domain,
                                      guint n_bins,
                                      guint64 *max,
                                      guint64 *min);
/* Bytes allocated in each of @n_bins equal stretches of the trace. */
MS_API void ms_trace_get_allocated_series (MsTrace *self,
                                           MsThread *thread,
                                           MsDomain domain,
                                           guint n_bins,
                                           guint64 *bytes);

/* Allocations of all threads by size, and frees by age; bins as for ms_thread_get_size_histogram() and
 * ms_thread_get_lifetime_histogram().  NULL if there are none. (transfer none) */
MS_API const guint64 *ms_trace_get_size_histogram (MsTrace *self, MsDomain domain);
MS_API const guint64 *ms_trace_get_lifetime_histogram (MsTrace *self, MsDomain domain);
/* As ms_thread_get_size_histogram_errors(). (transfer none) (nullable) */
MS_API const double *ms_trace_get_size_histogram_errors (MsTrace *self, MsDomain domain);
MS_API const double *ms_trace_get_lifetime_histogram_errors (MsTrace *self, MsDomain domain);

/* --- call stacks --- */

/* Stacks are numbered from 0 to n−1 here; not the file's ids.  All stacks that allocated. */
MS_API guint ms_trace_get_n_stacks (MsTrace *self);
/* Figures of one call stack. (transfer none) */
MS_API const MsTotals *ms_trace_get_stack_totals (MsTrace *self, guint stack, MsDomain domain);
/* Return addresses, innermost first. (transfer none) (array length=depth) */
MS_API const guint64 *ms_trace_get_stack_frames (MsTrace *self,
                                                 guint stack,
                                                 guint *depth,
                                                 gboolean *truncated);

/* What one thread did at one call stack. */
typedef struct {
  guint stack; /* as for ms_trace_get_stack_totals() */
  guint64 allocations, allocated_bytes;
  guint64 live_bytes, live_blocks; /* at the end */
  guint64 reallocations, temporary_allocations;
  /* Of a sampled trace; see MsStandardErrors.  Else 0. */
  double allocations_standard_error, allocated_bytes_standard_error;
  double live_bytes_standard_error, live_blocks_standard_error;
  double reallocations_standard_error, temporary_allocations_standard_error;
} MsThreadStack;

/* The stacks at which @thread allocated, most bytes first. (transfer none) (array length=n_stacks) */
MS_API const MsThreadStack *ms_trace_get_thread_stacks (MsTrace *self,
                                                        MsThread *thread,
                                                        MsDomain domain,
                                                        guint *n_stacks);

/* --- who frees whose blocks --- */

/* What one thread freed of another's blocks. */
typedef struct {
  guint alloc_thread, free_thread;                   /* ids; never the same */
  guint64 frees, bytes;                              /* blocks, and their bytes */
  double frees_standard_error, bytes_standard_error; /* 0 unless sampled */
} MsInteraction;

/* All pairs of threads in which one frees blocks of the other, most bytes first. (transfer none)
 * (array length=n_interactions) */
MS_API const MsInteraction *ms_trace_get_interactions (MsTrace *self,
                                                       MsDomain domain,
                                                       guint *n_interactions);

/* --- blocks that realloc made larger again and again --- */

/* A chain is one block through two or more growths: reallocs to a larger size, whether it moved or not and
 * whoever made them.  It counts at the stack of its latest growth. */
typedef struct {
  guint stack;           /* as for ms_trace_get_stack_totals() */
  guint64 chains;        /* how many there are of it */
  guint64 growths;       /* of all of them */
  guint64 longest_chain; /* growths of the longest */
  guint64 copied_bytes;  /* at most: sum of the sizes before each growth */
  guint64 first_bytes;   /* sizes before each chain's first growth, summed… */
  guint64 final_bytes;   /* …and after its latest */
} MsGrowthChains;

/* Why they are not known, a clause in the language of diagnostics; NULL: they are.  Of a sampled trace they
 * are not: whether a realloc's new block is kept is drawn without regard to the old one, so that the two
 * cannot be told to be one. (transfer none) (nullable) */
MS_API const char *ms_trace_why_no_growth_chains (MsTrace *self);
/* By stack, most copied bytes first. (transfer none) (array length=n_chains) */
MS_API const MsGrowthChains *ms_trace_get_growth_chains (MsTrace *self,
                                                         MsDomain domain,
                                                         guint *n_chains);

/* --- resources --- */

/* What was sampled while it ran; NULL: nothing. (transfer none) */
MS_API MsResources *ms_trace_get_resources (MsTrace *self);

/* --- marks --- */
/* What an instant is, that was marked while the program ran. */
typedef enum {
  MS_MARK_PLAIN,       /* somebody named the instant */
  MS_MARK_SNAPSHOT,    /* likewise, to compare with */
  MS_MARK_STARTED,     /* recording was started while the program ran; no name */
  MS_MARK_STOPPED,     /* likewise stopped */
  MS_MARK_THREAD_RULE, /* other threads were to be recorded; the name is the rule */
  MS_MARK_SAMPLING,    /* with other sampling: "10 %", "4096 bytes" or "all" */
  MS_N_MARK_KINDS      /* how many there are */
} MsMarkKind;

/* "mark", "snapshot", "started", "stopped", "thread-rule", "sampling". */
MS_API const char *ms_mark_kind_to_string (MsMarkKind kind);

/* An instant that was marked while the program ran.  Not before the trace's start; it may lie behind the last
 * event. */
typedef struct {
  gint64 time_ns;
  MsMarkKind kind;
  const char *name; /* valid UTF-8 without control characters, at most some hundred characters */
} MsMark;

/* In order of time. (transfer none) (array length=n_marks) */
MS_API const MsMark *ms_trace_get_marks (MsTrace *self, guint *n_marks);

/* --- modules, for the name resolver --- */

/* A program or library that was mapped while the process ran. */
typedef struct {
  const char *path;     /* as the loader had it */
  const char *build_id; /* lower-case hexadecimal, or NULL */
  guint64 start, end;   /* addresses in the process */
  guint64 bias;         /* what was added to the object's own addresses */
  /* What the trace itself has to say about addresses in it, or NULL: ms_name_resolver_resolve() asks here
   * first.  Valid as long as the trace. */
  const struct _MsFileNames *names;
  /* What the program was started as, where that is another name of this object: of redis-server, which is a link to
   * redis-check-rdb.  NULL: it is called as its path is. */
  const char *title;
} MsModule;

/* The object that frame @frame of @stack lies in, or NULL.  @address gets the address in the object's
 * own numbering (return address − bias). (transfer none) */
MS_API const MsModule *ms_trace_find_module (MsTrace *self,
                                             guint stack,
                                             guint frame,
                                             guint64 *address);
/* How many objects were mapped while it ran; one that was loaded twice counts twice. */
MS_API guint ms_trace_get_n_modules (MsTrace *self);
/* By index. (transfer none) */
MS_API const MsModule *ms_trace_get_module (MsTrace *self, guint index);

G_END_DECLS
