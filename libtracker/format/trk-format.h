/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * On-disk structures shared by the recorder and the reader.  docs/FORMAT.md is the specification;
 * this header is its C form.  Everything is little-endian and naturally aligned.
 *
 *   a .bin file     [TrkFileHeader][block][block]...
 *   a block         [TrkBlockHeader][payload]
 *   the pool file   [TrkPoolHeader, one page][lane][lane]...
 *   a lane          [TrkLane][stack window][event window 0][event window 1]
 *   a window        [TrkBlockHeader][payload so far]      (length in TrkLane, written last)
 *
 * A block is named by (type, thread_id, block_number).  It may be present twice, whole or in part:
 * in a file and in the window that it was written from.  A reader keeps one whole copy of each;
 * that is what makes SIGKILL at any instruction lose nothing and repeat nothing.
 */
#pragma once

#include <stdint.h>
#include <assert.h>

#define TRK_FILE_MAGIC "MEMSCOPE"
#define TRK_BLOCK_MAGIC 0x4b42534dU /* "MSBK" */
#define TRK_VERSION_MAJOR 1
#define TRK_VERSION_MINOR 0

/* A reader refuses a file with an incompatible bit that it does not know, and ignores unknown
 * compatible ones. */
#define TRK_INCOMPATIBLE_KNOWN 0U

#define TRK_THREAD_ID_PROCESS 0xffffffffU /* a block that belongs to no thread (modules) */
#define TRK_MAX_BLOCK_BYTES (1U << 20)    /* header and payload; a longer block is damage */
#define TRK_MAX_STACK_DEPTH 256U

typedef enum {
  TRK_FILE_EVENTS = 1,
  TRK_FILE_STACKS = 2,
  TRK_FILE_MODULES = 3,
  TRK_FILE_POOL = 4,
  TRK_FILE_FREQUENCY = 5,
  TRK_FILE_RESOURCES = 6,
  TRK_FILE_SUMMARY = 7,
  TRK_FILE_CONTROL = 8,
  TRK_FILE_NAMES = 9,
  TRK_FILE_MARKS = 10
} TrkFileKind;

typedef enum {
  TRK_BLOCK_EVENTS = 1,
  TRK_BLOCK_STACKS = 2,
  TRK_BLOCK_MODULES = 3,
  TRK_BLOCK_RESOURCES = 4,
  TRK_BLOCK_FREQUENCY = 5,
  TRK_BLOCK_NAMES = 6,
  TRK_BLOCK_MARKS = 7
} TrkBlockType;

/* The first 64 bytes of every file. */
typedef struct {
  char magic[8];
  uint16_t version_major;
  uint16_t version_minor;
  uint16_t header_size; /* where the first block or page begins */
  uint16_t kind;        /* TrkFileKind */
  uint32_t compatible;
  uint32_t incompatible;
  uint8_t trace_id[16]; /* random, the same in every file of a trace folder and in its manifest */
  uint8_t reserved[24]; /* zero */
} TrkFileHeader;
static_assert (sizeof (TrkFileHeader) == 64, "file header");

typedef enum {
  TRK_CLOCK_MONOTONIC = 0, /* ticks are nanoseconds of CLOCK_MONOTONIC */
  TRK_CLOCK_TSC = 1        /* ticks are TSC >> tick_shift; mapped by the (ticks, ns) pairs */
} TrkClock;

/* How wide the fields of this block's compact records are (docs/FORMAT.md, "Compact records"). */
typedef struct {
  uint8_t alloc_time, alloc_size, alloc_stack, alloc_distance, alloc_delta;
  uint8_t free_time, free_distance, free_near, free_far;
  uint8_t
      region_bits; /* the lowest of alloc_delta and free_far are a region (trk-address-bases.h) */
  uint8_t reserved[2];
} TrkEventWidths;

typedef struct {
  uint32_t magic;         /* TRK_BLOCK_MAGIC */
  uint16_t header_size;   /* 112; payload begins here */
  uint8_t type;           /* TrkBlockType */
  uint8_t clock;          /* TrkClock */
  uint32_t payload_bytes; /* 0 in a window that is still open: the lane says how much is there */
  uint32_t thread_id;     /* creation order in the process, main = 0; or TRK_THREAD_ID_PROCESS */
  int32_t tid;            /* the kernel's */
  uint32_t block_number;  /* 0, 1, 2… for each (type, thread_id) */
  uint32_t n_records;     /* events, stacks or modules; 0 in an open window */
  uint8_t tick_shift;     /* ticks = TSC >> tick_shift */
  uint8_t flags;          /* TRK_BLOCK_FLAG_* */
  uint8_t reserved0[2];
  uint64_t checksum;       /* XXH64 of the payload, seeded with XXH64 of the header with this
                           * field 0; 0 while open */
  uint64_t first_ticks;    /* time base of the payload */
  uint64_t last_ticks;     /* of the last record; 0 while open */
  uint64_t first_sequence; /* events: number of the first address in this block */
  uint64_t open_pair_ticks, open_pair_ns; /* read together when the block was opened */
  uint64_t seal_pair_ticks, seal_pair_ns; /* and when it was sealed; 0 while open */
  TrkEventWidths widths;
  uint8_t reserved1[4];
} TrkBlockHeader;
static_assert (sizeof (TrkBlockHeader) == 112, "block header");
#define TRK_BLOCK_HEADER_BYTES 112U

/* This is the thread's last block: it ended, or stopped recording for good. */
#define TRK_BLOCK_FLAG_LAST 1U
/* Handed over early: the window was not full. */
#define TRK_BLOCK_FLAG_POOLED 2U

/* --- pool ------------------------------------------------------------------------------------ */

#define TRK_POOL_FILE_NAME "memscope_pool.bin"
#define TRK_STACKS_FILE_NAME "memscope_stacks.bin"
#define TRK_MODULES_FILE_NAME "memscope_modules.bin"
#define TRK_MANIFEST_FILE_NAME "memscope_trace.json"
#define TRK_RECORDING_FILE_NAME "memscope_recording.json"
#define TRK_POOLED_EVENTS_FILE_NAME "memscope_thread_pool-0.bin"
#define TRK_CONTROL_FILE_NAME "memscope_control.bin"
#define TRK_RESOURCES_FILE_NAME "memscope_resources.bin"
#define TRK_MARKS_FILE_NAME "memscope_marks.bin"
#define TRK_SUMMARY_FILE_NAME "memscope_summary.bin"

#define TRK_POOL_HEADER_BYTES 4096U
#define TRK_LANE_HEADER_BYTES 512U
#define TRK_STACK_WINDOW_BYTES 3584U
#define TRK_EVENT_WINDOW_BYTES 16384U
#define TRK_EVENT_WINDOWS 2U
#define TRK_LANE_BYTES \
  (TRK_LANE_HEADER_BYTES + TRK_STACK_WINDOW_BYTES + TRK_EVENT_WINDOWS * TRK_EVENT_WINDOW_BYTES)

/* Of a thread, in whole windows: one that is being filled, and at least one that is full; at most what all
 * lanes of a process can have. */
#define TRK_RING_MIN_BYTES (2 * TRK_EVENT_WINDOW_BYTES)
#define TRK_RING_MAX_BYTES (1U << 30)

typedef enum {
  TRK_PROCESS_RUNNING = 1,
  TRK_PROCESS_EXITED = 2,  /* exit() or return from main: exit_status is valid */
  TRK_PROCESS_EXECED = 3,  /* replaced by another program; the trace ends here */
  TRK_PROCESS_STOPPED = 4, /* its recording was ended, and it goes on */
  TRK_PROCESS_CLOSED =
      5 /* likewise, and an agent has closed the folder: this file has no name any more */
} TrkProcessState;

/* What was counted exactly in a domain, whether or not the events are still there. */
typedef struct {
  uint64_t allocations, allocated_bytes, deallocations;
} TrkCounts;

/* Of these domains: of mappings nothing is recorded into rings. */
#define TRK_N_COUNTED_DOMAINS 2U /* TRK_DOMAIN_HEAP, TRK_DOMAIN_DECLARED */

/* All threads that have ended, those included whose events are gone. */
typedef struct {
  uint64_t n_threads;
  TrkCounts counts[TRK_N_COUNTED_DOMAINS];
} TrkEndedThreads;

#define TRK_UNNOTED_PATH_BYTES 512U
#define TRK_UNNOTED_REASON_BYTES 128U

typedef struct {
  TrkFileHeader file;
  uint32_t pool_header_bytes; /* 4096 */
  uint32_t lane_bytes;
  uint32_t lane_header_bytes;
  uint32_t stack_window_bytes;
  uint32_t event_window_bytes;
  uint32_t n_event_windows;
  uint32_t n_lanes;    /* fully allocated lanes that follow; grows */
  uint32_t n_threads;  /* thread ids given out so far */
  uint32_t state;      /* TrkProcessState */
  int32_t exit_status; /* as _exit (2) was given it */
  int32_t pid;
  uint32_t flags;               /* TRK_POOL_FLAG_* */
  uint64_t process_start_ticks; /* field 22 of /proc/<pid>/stat: tells a reused pid from this one */
  uint64_t end_ns;              /* CLOCK_MONOTONIC at exit, 0 before */
  uint64_t dropped_events;      /* events for which there was no lane, stack memory or disk */
  uint64_t failed_writes;       /* flushes that the file system refused */
  int32_t last_errno;           /* why the last one was refused */
  /* The last program that is not followed and could leave no folder that says so: its pid, 0 if it took
   * this process's place; its path, cut and terminated; and why.  No reason: there was none. */
  int32_t unnoted_pid;
  char unnoted_path[TRK_UNNOTED_PATH_BYTES];
  char unnoted_reason[TRK_UNNOTED_REASON_BYTES];
  int32_t agent;     /* pid of who takes posted windows; 0: nobody does */
  uint32_t n_posted; /* windows that were posted so far; wraps */
  /* In rings, which forget: the sum of the lanes', but that threads add to it field by field.  For readers that do not
   * know the lanes'. */
  TrkEndedThreads ended;
} TrkPoolHeader;
static_assert (sizeof (TrkPoolHeader) <= TRK_POOL_HEADER_BYTES, "pool header");

/* The process began as a fork of a recorded process: its frees of unknown blocks are inherited. */
#define TRK_POOL_FLAG_FORKED 1U
/* Its threads count what they move over sockets. */
#define TRK_POOL_FLAG_SOCKETS 2U
/* Full windows stay where they are, until their thread, or after its end another, needs the oldest. */
#define TRK_POOL_FLAG_RING 4U
/* A ring whose lanes have the sums of the threads that ended in them. */
#define TRK_POOL_FLAG_LANE_SUMS 8U

typedef struct {
  /* How much of [TrkBlockHeader][payload] is whole; 0: empty.  Written last.  Stacks: bytes.  Events:
   * bits, so that a reader sees nothing of the record that is being written into the last byte. */
  uint32_t committed;
  uint32_t posted; /* events: 1 from when the thread gives it up until the agent has written it */
} TrkWindowState;

typedef struct {
  uint32_t state; /* 0 free, 1 in use */
  uint32_t thread_id;
  int32_t tid;
  uint32_t reserved;
  TrkWindowState stacks;
  TrkWindowState events[TRK_EVENT_WINDOWS];
  /* Of the thread so far: counted while it runs, for whoever samples it from outside. */
  uint64_t socket_received_bytes, socket_sent_bytes;
  /* In rings, of the threads that had this lane and ended: see trk-lane-ends.h. */
  uint64_t ends;
  TrkEndedThreads ended[2];
  uint8_t reserved1[512 - 16 - 8 - 8 * 2 - 8 * 2 - 8 - 2 * 56];
} TrkLane;
static_assert (sizeof (TrkLane) == TRK_LANE_HEADER_BYTES, "lane header");

#define TRK_MAX_LANES 32768U /* of a process: threads beyond are counted, not recorded */

/* Of the committed bits of an event window. */
static inline uint32_t
trk_committed_bytes (uint32_t n_bits)
{
  return n_bits / 8 + (n_bits % 8 != 0);
}

static inline uint64_t
trk_lane_offset (uint32_t lane)
{
  return TRK_POOL_HEADER_BYTES + (uint64_t) lane * TRK_LANE_BYTES;
}

/* --- event records --------------------------------------------------------------------------- */

typedef enum {
  TRK_DOMAIN_HEAP = 0,
  TRK_DOMAIN_DECLARED = 1,
  TRK_DOMAIN_MAPPING = 2,
  TRK_N_DOMAINS = 3
} TrkDomain;

/* A record's first bits, lowest first: a code in which none begins another. */
enum {
  TRK_KIND_OTHER = 0,       /* 2 bits */
  TRK_KIND_ALLOC_REUSE = 1, /* 2 bits */
  TRK_KIND_FREE = 2,        /* 2 bits */
  TRK_KIND_LONGER = 3,      /* 2 bits, and more follow: */
  TRK_KIND_ALLOC_DELTA = 3, /* 4 bits */
  TRK_KIND_ALLOC_NEXT = 7,  /* 4 bits */
  TRK_KIND_FREE_NEAR = 11,  /* 4 bits */
  TRK_KIND_FREE_FAR = 15,   /* 5 bits */
  TRK_KIND_LATE = 31        /* 5 bits */
};

/* LATE: that many upper bits of the next record's time. */
#define TRK_LATE_BITS 10U
/* The most bits that a compact record may have: it is read and written as one word, from any bit. */
#define TRK_COMPACT_MAX_BITS 56U

/* A record of kind TRK_KIND_OTHER begins at the next whole byte, whose six upper bits are an opcode.
 * Fields are varints (v), zigzag varints (z) or bytes.  From TRK_OP_EXTENSIBLE on, a varint length
 * follows the opcode, so that a reader skips what it does not know. */
enum {
  TRK_OP_END = 0,           /* no more records in this block */
  TRK_OP_TIME = 1,          /* v ticks: advance the clock */
  TRK_OP_STACK = 2,         /* v stack id: gets the block's next local number (0, 1, 2…) */
  TRK_OP_DOMAIN = 3,        /* v TrkDomain, until the next one; a block begins in the heap */
  TRK_OP_ALLOC = 4,         /* v ticks, v size, v local stack, z address − latest address */
  TRK_OP_ALLOC_REUSE = 5,   /* v ticks, v size, v local stack, v distance */
  TRK_OP_FREE = 6,          /* v ticks, z address − latest address */
  TRK_OP_FREE_DISTANCE = 7, /* v ticks, v distance */
  TRK_OP_REALLOC = 8,       /* v ticks, v duration, v size, v local stack,
                              z old address − latest address, z new address − old address */
  TRK_OP_FREE_STACK = 9,    /* v local stack: call stack of the free that follows */
  TRK_OP_FOREIGN_FREE = 10, /* v ticks, z address: by a thread that is not tracked */
  TRK_OP_SKIPPED = 11,      /* v allocations, v bytes, v frees: seen exactly, not kept (sampling) */
  TRK_OP_SAMPLING = 12,     /* v rate × 2^32, v interval bytes: from here on (0 interval: none) */
  TRK_OP_DROPPED = 13,      /* v events lost before this record, v TrkDropReason */
  TRK_OP_TRACKING = 14,     /* v ticks, v 0 or 1: this thread's recording stopped or (re)started */
  TRK_OP_EXTENSIBLE = 32,
  TRK_OP_THREAD_START = 32, /* v ticks, v parent thread id + 1 or 0, v start routine address */
  TRK_OP_THREAD_NAME = 33,  /* v ticks, then the name's bytes (not terminated, any bytes) */
  TRK_OP_THREAD_EXIT =
      34, /* v ticks, v CPU ns (CLOCK_THREAD_CPUTIME_ID), and what trk-exit-figures.h says */
  /* Their time is the TIME record's before them: see trk-mapping-encoder.h. */
  TRK_OP_MAP = 35,   /* v duration, v TrkMappingKind, v flags, v local stack, v address, v bytes */
  TRK_OP_UNMAP = 36, /* v address, v bytes */
  TRK_OP_REMAP = 37, /* v duration, v flags, v local stack, v old address, v old bytes, v address,
                        v bytes */
  TRK_OP_SAMPLED_CALL = 38, /* v TrkSampledCall: of the allocation or free that follows */
  TRK_OP_RULE =
      39, /* v 0 or 1: recording is on, then the rule's bytes: what all threads are chosen by
                       from the TIME before on */
  TRK_OP_EARLIER = 40 /* see trk-earlier.h: the thread before this block, which may be gone */
};

/* What a mapping is made of. */
typedef enum {
  TRK_MAPPING_ANONYMOUS = 0,
  TRK_MAPPING_FILE = 1,
  TRK_MAPPING_THREAD_STACK = 2, /* given to a thread by the C library, from its start to its end */
  TRK_MAPPING_BREAK = 3         /* the part that a call of brk or sbrk added */
} TrkMappingKind;

enum {
  TRK_MAPPING_REPLACES = 1U, /* ended whatever lay there, at the call's beginning (MAP_FIXED) */
  TRK_MAPPING_SHARED = 2U,
  TRK_MAPPING_READABLE = 4U, /* as it was made; mprotect is not recorded */
  TRK_MAPPING_WRITABLE = 8U,
  TRK_MAPPING_EXECUTABLE = 16U,
  TRK_MAPPING_KEEPS_OLD = 32U /* REMAP: the old range stays (old size 0, MREMAP_DONTUNMAP) */
};

/* memscope_marks.bin: instants that somebody named while the program ran, one a block. */
typedef enum {
  TRK_MARK_PLAIN = 0,
  TRK_MARK_SNAPSHOT = 1,
  TRK_MARK_STARTED = 2, /* what was wanted of the recorder, and noticed: these need no name */
  TRK_MARK_STOPPED = 3,
  TRK_MARK_THREAD_RULE = 4, /* the name is the rule */
  TRK_MARK_SAMPLING = 5     /* the name says which */
} TrkMarkKind;
#define TRK_MARK_NAME_BYTES 400U /* 100 characters */
#define TRK_MAX_MARKS 10000U     /* of a trace: whoever writes stops, whoever reads stops reading */

/* memscope_control.bin: in a recording's folder it counts processes, in a trace folder it says what is
 * wanted of the process.  Whoever wants something locks the file (flock), makes the generation odd, writes,
 * and makes it even again; the process reads it as a seqlock, checks it, and says what came of it. */
#define TRK_CONTROL_BYTES 4096U
#define TRK_CONTROL_RULE_BYTES 1024U
#define TRK_CONTROL_OFF 1U /* flags: no thread is to be recorded, whatever the rule says */
#define TRK_LONGEST_HOLD_NS (5000 * (uint64_t) 1000000)

typedef enum {
  TRK_CONTROL_APPLIED = 0,
  TRK_CONTROL_BAD_RULE = 1, /* not one, or of a function that is not there: nothing was changed */
  TRK_CONTROL_BAD_SAMPLING =
      2 /* rate not in (0, 1], or both it and an interval: nothing was changed */
} TrkControlResult;

typedef struct {
  TrkFileHeader header;
  uint32_t next_process_number; /* recording */
  uint32_t hold;                /* recording: not 0: its first program waits before its main */
  uint32_t generation;          /* trace folder, as all that follows; 0: not in use */
  uint32_t seen_generation;
  uint32_t result; /* TrkControlResult of that */
  uint32_t flags;
  uint64_t rate_q32;
  uint64_t interval_bytes;
  uint32_t rule_bytes; /* without a terminator, at most TRK_CONTROL_RULE_BYTES − 1 */
  uint32_t reserved_too;
  char rule[TRK_CONTROL_RULE_BYTES];
  uint8_t rest[TRK_CONTROL_BYTES - 112 - TRK_CONTROL_RULE_BYTES];
} TrkControlPage;

static_assert (sizeof (TrkControlPage) == TRK_CONTROL_BYTES, "control page");

/* What cannot be told from the neighbours of a record where some were not kept. */
typedef enum {
  TRK_CALL_PLAIN = 0,
  TRK_CALL_TEMPORARY = 1, /* frees the block of the thread's latest operation, an allocation */
  TRK_CALL_REALLOC = 2    /* allocates the new block of a realloc */
} TrkSampledCall;

typedef enum {
  TRK_DROP_REENTERED = 1, /* a signal handler interrupted the hook */
  TRK_DROP_NO_MEMORY = 2, /* no lane or no stack table entry */
  TRK_DROP_NO_SPACE = 3,  /* the file system refused a block */
  TRK_DROP_UNKEPT = 4     /* sampling: no room to remember that this allocation was kept */
} TrkDropReason;

/* Distances count addresses back, each allocation's and those of frees that had none: 1 is the
 * latest.  A reader needs the last TRK_MAX_DISTANCE addresses of the thread. */
#define TRK_MAX_DISTANCE (1U << 16)
