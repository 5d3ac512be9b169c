/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The small values that the model hands out.
 *
 * Time is int64_t nanoseconds since the trace's start.  Bytes are requested bytes.  Conventions of
 * counting stand in docs/DASHBOARD.md; in short: a realloc of a live block is one deallocation and
 * one allocation and moves the block to the reallocating thread; live and peak belong to the
 * allocating thread; temporary means freed by the same thread's next operation.
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Public functions of libmemscope; everything else stays inside it. */
#define MS_API __attribute__ ((visibility ("default"))) extern

/* A time that is not known, or has not come. */
#define MS_TIME_NONE G_MININT64

/* Kinds of memory, each with figures of its own. */
typedef enum {
  MS_DOMAIN_HEAP,     /* malloc and its family, seen by the preload */
  MS_DOMAIN_DECLARED, /* memscope_track_*() */
  MS_DOMAIN_MAPPING,  /* mmap and its family; never summed with the heap */
  MS_N_DOMAINS        /* how many there are */
} MsDomain;

/* How a process is, or how it ended. */
typedef enum {
  MS_STATE_RUNNING, /* at the time of loading; what there is of it is all that it did so far */
  MS_STATE_EXITED,  /* by exit() or the end of main() */
  MS_STATE_KILLED,  /* ended without exit(): signal, or the machine went down */
  MS_STATE_UNKNOWN, /* no end was recorded, and the process cannot be looked for from here: it is one of
                       another pid namespace, as the host's are from inside a sandbox.  It may run */
} MsState;

/* How far the figures of a sampled trace may be off: the standard error of each, in the figure's own unit
 * (blocks, calls, bytes).  It is the square root of the Horvitz–Thompson variance Σ Z² (1 − p) / p² over
 * the blocks that were kept, where p is the probability with which a block was kept (the rate, or
 * 1 − exp (−size / interval), see ms_trace_get_keep_probability()) and Z what is summed: 1 or the block's
 * bytes.  The truth lies within 1.96 standard errors in 95 of 100 recordings.  0 where a
 * figure is exact, which all are unless the trace was sampled. */
typedef struct {
  double allocations;
  double deallocations;
  double reallocations;
  double allocated_bytes;
  double freed_bytes_of_own;
  double live_bytes;
  double live_blocks;
  double leaked_bytes;  /* as live_bytes, but in a view of a range */
  double leaked_blocks; /* of leaked_allocations; likewise */
  double peak_bytes;    /* see ms-sampled-curve.h, as of the next */
  double bytes_at_process_peak;
  double temporary_allocations;
} MsStandardErrors;

/* Exact figures of one domain, for the process, one thread or one stack.  A field that does not
 * apply to what is being described is 0 (the comment says which).
 *
 * A peak is the described thing's own: the most bytes that the process, the blocks of one thread, or
 * the blocks of one stack had live at one moment.  Peaks of parts therefore do not add up to the
 * process's; bytes_at_process_peak does.
 *
 * allocations − deallocations = leaked_allocations holds for the process and for a stack: frees of
 * blocks that are not in the trace are no deallocations here but one of the four *_frees.  A free
 * that was lost (its block's address was handed out again) counts as one by the block's own thread.
 *
 * Of a sampled trace, allocations, allocated_bytes and deallocations of the process and of threads are
 * exact up to each thread's last record of what it skipped; after that, and every other figure, is an
 * unbiased estimate from the allocations that were kept, each with its weight 1/p.  The peak is the mean
 * of two readings, each at the moment when half of the kept blocks found it highest, by the other half: so
 * it is not above the truth on average; peak_time_ns is that of the plain estimate's highest point.  Bytes
 * at the process's peak are read at the same two moments and add up to it.  A peak may therefore be below
 * live_bytes.  The four *_frees count what was recorded.
 *
 * Of a ring (ms_trace_get_ring_bytes()) allocations, allocated_bytes and deallocations of the process and of threads
 * are exact, and deallocations are all frees that were made, prior_frees among them; of stacks, and in a view of a
 * part, they are what is left of the events.  What is live, leaked or at a peak is not known.
 *
 * In the domain mapping, which sampling leaves alone, a block is a mapping: allocations are mappings
 * made (reallocations those by mremap), deallocations are mappings whose last byte was unmapped, leaked
 * means mapped at the end, and bytes are of address space.  A mapping is temporary if its thread's next call of
 * the mmap family ended it; thread stacks never are. */
typedef struct {
  guint64 allocations;         /* calls that returned a block */
  guint64 deallocations;       /* thread: frees it made; stack: frees of its blocks */
  guint64 reallocations;       /* of the allocations, those by realloc of a block */
  guint64 allocated_bytes;     /* sum of requested sizes */
  guint64 freed_bytes_of_own;  /* bytes of its own blocks freed by anyone */
  guint64 live_bytes;          /* at the end (or now) */
  guint64 live_blocks;         /* how many they are */
  guint64 live_bytes_at_start; /* of the range that a view looks at; 0 in a whole trace */
  guint64 live_blocks_at_start;
  guint64 peak_bytes;            /* true simultaneous maximum */
  gint64 peak_time_ns;           /* when it was reached first; MS_TIME_NONE if never above 0 */
  guint64 bytes_at_process_peak; /* live when the process was at its peak */
  guint64 leaked_allocations;    /* never freed by the end */
  guint64 leaked_bytes;
  guint64 temporary_allocations;
  guint64 foreign_frees;   /* of blocks of an untracked thread */
  guint64 inherited_frees; /* of blocks from before a fork */
  guint64 prior_frees;     /* of blocks from before the recording began */
  guint64 unmatched_frees; /* what none of these explains */
  MsStandardErrors standard_errors;
} MsTotals;

/* Whether a trace whose live bytes are not known (ms_trace_why_no_live()) does not say the figure called @name, as
 * structures and exports call it.  Such a figure is 0 in MsTotals, and means nothing. */
MS_API gboolean ms_totals_name_is_of_live (const char *name);

/* What the address space of the domain mapping is used for. */
typedef enum {
  MS_MAPPING_ANONYMOUS,    /* memory of no file */
  MS_MAPPING_RESERVED,     /* anonymous, and not accessible when it was mapped (PROT_NONE) */
  MS_MAPPING_FILE,         /* a file's contents */
  MS_MAPPING_THREAD_STACK, /* by the C library, from a thread's start to its end */
  MS_MAPPING_BREAK,        /* brk and sbrk */
  MS_N_MAPPING_KINDS       /* how many there are */
} MsMappingKind;

/* Mappings of one kind, of the whole process; always exact.  Bytes are of address space, not of memory
 * that is in use. */
typedef struct {
  guint64 mappings;              /* made */
  guint64 mapped_bytes;          /* sum of their sizes */
  guint64 live_mappings;         /* not wholly unmapped at the end (or now) */
  guint64 live_bytes;            /* mapped at the end */
  guint64 peak_bytes;            /* the kind's own: peaks of kinds do not add up */
  guint64 bytes_at_process_peak; /* when the domain's was reached: these do */
} MsMappingTotals;

/* One stretch of a thread's life under one name. */
typedef struct {
  gint64 start_ns; /* when it got it */
  char *name;      /* valid UTF-8: other bytes were replaced by U+FFFD */
} MsNameSpan;

/* How bad it is. */
typedef enum {
  MS_DIAGNOSTIC_INFO,    /* good to know */
  MS_DIAGNOSTIC_WARNING, /* figures do not say what one might take them for */
  MS_DIAGNOSTIC_DAMAGE   /* something of the recording is lost */
} MsDiagnosticLevel;

/* Something a person should know about the trace: shown, never fatal. */
typedef struct {
  MsDiagnosticLevel level;
  char *file;     /* file name inside the folder, or NULL */
  guint64 offset; /* byte in it */
  char *message;  /* one sentence, translated by the caller's locale no further */
} MsDiagnostic;

/* One frame of a call stack as people read it. */
typedef struct {
  const char *function; /* demangled; NULL: unknown */
  const char *file;     /* as the debug information has it; NULL: unknown */
  guint line;           /* 0: unknown */
  const char *module;   /* base name of the object; NULL: code that belongs to no file */
  guint64 address;      /* return address − module bias */
  gboolean inlined;     /* this function was inlined into the next frame */
} MsFrame;

/* Events that could not be recorded. */
typedef struct {
  char *reason;     /* continues "…, because" */
  guint64 n_events; /* for that reason */
} MsLoss;

G_END_DECLS
