/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "demo-plans.h"

#include "demo-jobs.h"

#define TRACKED(name, job, shape, peak_kb, allocations, cpu_percent) \
  { \
    name, demo_job_##job, DEMO_SHAPE_##shape, peak_kb, allocations, cpu_percent, 0, false \
  }
#define HANDS_OVER(name, job, shape, peak_kb, allocations, cpu_percent) \
  { \
    name, demo_job_##job, DEMO_SHAPE_##shape, peak_kb, allocations, cpu_percent, 0, true \
  }
#define LEAKS(name, job, shape, peak_kb, allocations, leak_percent) \
  { \
    name, demo_job_##job, DEMO_SHAPE_##shape, peak_kb, allocations, 2, leak_percent, false \
  }
#define UNTRACKED(name, job, steps, cpu_percent) \
  { \
    name, demo_job_##job, DEMO_SHAPE_RAMP, 0, steps, cpu_percent, 0, false \
  }

/* Peaks and counts lie on both sides of the limits of roles (18 MB, 1 200 allocations; 25 % of a core; 2 000
 * reads and writes) and alerts (15 and 20 MB, 20 and 30 %), so that a page that shows them has something of
 * everything: compact-1 computes, wal-sync and wal-apply write.  All together they want one core and a
 * third, so that two are enough. */
const DemoPlan demo_plans[DEMO_THREADS] = {
  TRACKED ("coordinator", coordinate, STEPS, 16200, 1040, 2),
  UNTRACKED ("net-poll", idle, 300, 0),
  HANDS_OVER ("ingest-0", ingest, RAMP, 22600, 1480, 4),
  UNTRACKED ("timer", idle, 300, 0),
  HANDS_OVER ("ingest-1", ingest, RAMP, 21300, 1430, 4),
  UNTRACKED ("log-flush", scan_file, 400, 0),
  TRACKED ("decoder-0", decode, SAW, 20400, 1350, 12),
  UNTRACKED ("heartbeat", idle, 60, 0),
  TRACKED ("decoder-1", decode, SAW, 19700, 1320, 8),
  UNTRACKED ("checksum-0", compute, 200, 22),
  TRACKED ("decoder-2", decode, SAW, 18900, 1260, 5),
  UNTRACKED ("checksum-1", compute, 200, 5),
  TRACKED ("compact-0", compact, BURSTS, 22900, 1210, 6),
  UNTRACKED ("disk-scan-0", scan_file, 900, 0),
  TRACKED ("compact-1", compact, BURSTS, 21800, 1190, 40),
  UNTRACKED ("disk-scan-1", scan_file, 600, 0),
  TRACKED ("query-0", query, PLATEAU, 17400, 1390, 5),
  UNTRACKED ("plan-stats", compute, 100, 2),
  TRACKED ("query-1", query, PLATEAU, 18600, 1410, 5),
  UNTRACKED ("dns-refresh", idle, 40, 0),
  TRACKED ("query-2", query, WAVE, 17900, 1230, 4),
  UNTRACKED ("tls-refresh", idle, 40, 0),
  LEAKS ("query-3", query, RAMP, 19200, 1300, 6),
  UNTRACKED ("watchdog", idle, 100, 0),
  TRACKED ("wal-sync", write_log, STEPS, 15600, 1120, 0),
  UNTRACKED ("wal-trim", scan_file, 200, 0),
  TRACKED ("wal-apply", write_log, WAVE, 15900, 1080, 2),
  UNTRACKED ("replica-ack", idle, 200, 0),
  TRACKED ("http-0", serve_http, PLATEAU, 16800, 1010, 2),
  UNTRACKED ("client-0", ask_http, 1500, 0),
  TRACKED ("http-1", serve_http, WAVE, 16100, 1060, 2),
  UNTRACKED ("client-1", ask_http, 1500, 0),
  TRACKED ("http-2", serve_http, STEPS, 15200, 1025, 2),
  UNTRACKED ("client-2", ask_http, 1500, 0),
  TRACKED ("index-build", build_index, RAMP, 22200, 1500, 6),
  UNTRACKED ("index-stats", compute, 100, 2),
  TRACKED ("index-merge", compact, SAW, 20900, 1280, 6),
  UNTRACKED ("page-prefetch", scan_file, 300, 0),
  TRACKED ("gc", collect_garbage, WAVE, 18200, 1150, 3),
  UNTRACKED ("gc-timer", idle, 60, 0),
  LEAKS ("cache-lru", cache, PLATEAU, 20100, 1460, 1),
  UNTRACKED ("cache-warm", scan_file, 200, 0),
  TRACKED ("planner", query, BURSTS, 17100, 1105, 4),
  UNTRACKED ("audit", scan_file, 100, 0),
  TRACKED ("metrics", load_tables, EARLY, 15100, 1005, 0),
  UNTRACKED ("metrics-push", idle, 30, 0),
  TRACKED ("config", load_tables, EARLY, 15400, 1015, 0),
  UNTRACKED ("config-watch", idle, 30, 0),
  TRACKED ("snapshot", coordinate, BURSTS, 19500, 1180, 3),
  UNTRACKED ("signal-wait", idle, 20, 0),
};
