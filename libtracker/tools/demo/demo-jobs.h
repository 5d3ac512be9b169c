/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the demonstration's threads do, as a small database server would: one DemoStepFunc a job.
 *
 * Tracked jobs take one block a step, always through a chain of functions named for the work, so
 * that the recorded call stacks tell something.  This file and its .c are compiled without inlining
 * and without sibling calls for that reason.
 */
#pragma once

#include "demo-worker.h"

void demo_job_coordinate (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_ingest (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_decode (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_compact (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_query (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_write_log (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_serve_http (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_build_index (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_collect_garbage (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_cache (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_load_tables (DemoWorker *self, uint32_t step, size_t bytes);

/* Jobs of threads that are not tracked: they take nothing. */
void demo_job_compute (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_scan_file (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_ask_http (DemoWorker *self, uint32_t step, size_t bytes);
void demo_job_idle (DemoWorker *self, uint32_t step, size_t bytes);
