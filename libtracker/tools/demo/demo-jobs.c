/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "demo-jobs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_BYTES 512
#define LOG_FILE_BYTES (4 << 20)
#define SCAN_READS 2
#define LOG_PARTS 4 /* of a record, each written by itself */

static void
digest_block (DemoWorker *self, const DemoBlock *block)
{
  uint64_t sum = self->digest;

  for (size_t i = 0; i < block->n_bytes; i += 64)
    sum = (sum ^ block->bytes[i]) * 0x100000001B3u;
  self->digest = sum;
}

/* --- coordinator ------------------------------------------------------------------------------ */

static void
append_task (DemoWorker *self, size_t bytes)
{
  digest_block (self, demo_take (self, bytes));
}

static void
split_job (DemoWorker *self, size_t bytes)
{
  append_task (self, bytes);
}

static void
collect_results (DemoWorker *self, size_t bytes)
{
  digest_block (self, demo_take (self, bytes));
}

void
demo_job_coordinate (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 4 == 3)
    collect_results (self, bytes);
  else
    split_job (self, bytes);
}

/* --- ingest ----------------------------------------------------------------------------------- */

static void
intern_string (DemoWorker *self, size_t bytes)
{
  demo_take (self, bytes);
}

static void
append_column (DemoWorker *self, size_t bytes)
{
  digest_block (self, demo_take (self, bytes));
}

static void
parse_record (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 3 == 0)
    intern_string (self, bytes);
  else
    append_column (self, bytes);
}

void
demo_job_ingest (DemoWorker *self, uint32_t step, size_t bytes)
{
  parse_record (self, step, bytes);
}

/* --- decoder ---------------------------------------------------------------------------------- */

static void
read_packet (DemoWorker *self, size_t bytes)
{
  demo_take (self, bytes);
}

static void
inverse_transform (DemoBlock *plane)
{
  for (size_t i = 8; i < plane->n_bytes; i++)
    plane->bytes[i] = (unsigned char) (plane->bytes[i] + (plane->bytes[i - 8] >> 1));
}

static void
reconstruct_frame (DemoWorker *self, size_t bytes)
{
  inverse_transform (demo_take (self, bytes));
}

static void
decode_batch (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 5 == 0)
    read_packet (self, bytes);
  else
    reconstruct_frame (self, bytes);
}

void
demo_job_decode (DemoWorker *self, uint32_t step, size_t bytes)
{
  decode_batch (self, step, bytes);
}

/* --- compaction ------------------------------------------------------------------------------- */

static int
compare_keys (const void *a, const void *b)
{
  uint32_t x, y;

  memcpy (&x, a, sizeof x);
  memcpy (&y, b, sizeof y);
  return x < y ? -1 : x > y;
}

static void
load_run (DemoWorker *self, size_t bytes)
{
  demo_take (self, bytes);
}

static void
sort_run (DemoWorker *self, size_t bytes)
{
  DemoBlock *block = demo_take (self, bytes);
  size_t n_keys = block->n_bytes / sizeof (uint32_t);

  if (n_keys > 2048)
    n_keys = 2048;
  for (size_t i = 0; i < n_keys; i++)
    {
      uint32_t key = demo_random (self, UINT32_MAX);
      memcpy (block->bytes + i * sizeof key, &key, sizeof key);
    }
  qsort (block->bytes, n_keys, sizeof (uint32_t), compare_keys);
}

static void
merge_runs (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 4 == 0)
    sort_run (self, bytes);
  else
    load_run (self, bytes);
}

void
demo_job_compact (DemoWorker *self, uint32_t step, size_t bytes)
{
  merge_runs (self, step, bytes);
}

/* --- queries ---------------------------------------------------------------------------------- */

static void
hash_join_build (DemoWorker *self, size_t bytes)
{
  digest_block (self, demo_take (self, bytes));
}

static void
hash_join_probe (DemoWorker *self, size_t bytes)
{
  digest_block (self, demo_take (self, bytes));
}

static void
execute_join (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 3 == 0)
    hash_join_probe (self, bytes);
  else
    hash_join_build (self, bytes);
}

static void
materialize_rows (DemoWorker *self, size_t bytes)
{
  demo_take (self, bytes);
}

void
demo_job_query (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 7 == 6)
    materialize_rows (self, bytes);
  else
    execute_join (self, step, bytes);
}

/* --- write-ahead log -------------------------------------------------------------------------- */

/* Errors of these are of no consequence: the calls are what is to be seen. */
static void
flush_segment (DemoWorker *self, const DemoBlock *block)
{
  size_t part = block->n_bytes / LOG_PARTS;

  if (self->file_fd < 0)
    return;
  if (lseek (self->file_fd, 0, SEEK_CUR) > LOG_FILE_BYTES)
    lseek (self->file_fd, 0, SEEK_SET);
  for (unsigned i = 0; i < LOG_PARTS; i++)
    demo_count_file (self, write (self->file_fd, block->bytes + i * part, part));
  if (demo_random (self, 64) == 0)
    fdatasync (self->file_fd);
}

static void
append_log_record (DemoWorker *self, size_t bytes)
{
  flush_segment (self, demo_take (self, bytes));
}

static void
build_checkpoint (DemoWorker *self, size_t bytes)
{
  digest_block (self, demo_take (self, bytes));
}

void
demo_job_write_log (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 6 == 5)
    build_checkpoint (self, bytes);
  else
    append_log_record (self, bytes);
}

/* --- HTTP over a socket pair ------------------------------------------------------------------ */

static void
read_request (DemoWorker *self, DemoBlock *block)
{
  size_t n_bytes = block->n_bytes < MESSAGE_BYTES ? block->n_bytes : MESSAGE_BYTES;

  if (self->socket_fd >= 0)
    demo_count_received (self, recv (self->socket_fd, block->bytes, n_bytes, MSG_DONTWAIT));
}

static void
send_response (DemoWorker *self, const DemoBlock *block)
{
  size_t n_bytes = block->n_bytes < MESSAGE_BYTES ? block->n_bytes : MESSAGE_BYTES;

  if (self->socket_fd >= 0)
    demo_count_sent (self,
                     send (self->socket_fd, block->bytes, n_bytes, MSG_NOSIGNAL | MSG_DONTWAIT));
}

static void
handle_request (DemoWorker *self, size_t bytes)
{
  DemoBlock *block = demo_take (self, bytes);

  read_request (self, block);
  send_response (self, block);
}

static void
keep_session (DemoWorker *self, size_t bytes)
{
  DemoBlock *block = demo_take (self, bytes);

  read_request (self, block);
  digest_block (self, block);
}

void
demo_job_serve_http (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 4 == 3)
    keep_session (self, bytes);
  else
    handle_request (self, bytes);
}

void
demo_job_ask_http (DemoWorker *self, uint32_t step, size_t bytes)
{
  unsigned char message[MESSAGE_BYTES];
  DemoBlock block = { message, sizeof message };

  memset (message, (int) step, sizeof message);
  send_response (self, &block);
  read_request (self, &block);
}

/* --- index ------------------------------------------------------------------------------------ */

static void
split_node (DemoWorker *self, size_t bytes)
{
  digest_block (self, demo_take (self, bytes));
}

static void
insert_key (DemoWorker *self, size_t bytes)
{
  split_node (self, bytes);
}

static void
extend_leaf (DemoWorker *self, size_t bytes)
{
  demo_grow (self, bytes);
}

void
demo_job_build_index (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 10 == 9 && self->end > self->first)
    extend_leaf (self, bytes);
  else
    insert_key (self, bytes);
}

/* --- garbage collector, cache, tables --------------------------------------------------------- */

static void
mark_reachable (DemoWorker *self, size_t bytes)
{
  digest_block (self, demo_take (self, bytes));
}

static void
copy_survivors (DemoWorker *self, size_t bytes)
{
  demo_take (self, bytes);
}

void
demo_job_collect_garbage (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 2 == 0)
    mark_reachable (self, bytes);
  else
    copy_survivors (self, bytes);
}

static void
lru_insert (DemoWorker *self, size_t bytes)
{
  demo_take (self, bytes);
}

static void
fetch_page (DemoWorker *self, size_t bytes)
{
  lru_insert (self, bytes);
}

void
demo_job_cache (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 3 == 0)
    lru_insert (self, bytes);
  else
    fetch_page (self, bytes);
}

static void
load_symbol_table (DemoWorker *self, size_t bytes)
{
  digest_block (self, demo_take (self, bytes));
}

static void
load_settings (DemoWorker *self, size_t bytes)
{
  demo_take (self, bytes);
}

void
demo_job_load_tables (DemoWorker *self, uint32_t step, size_t bytes)
{
  if (step % 5 == 0)
    load_settings (self, bytes);
  else
    load_symbol_table (self, bytes);
}

/* --- threads that are not tracked ------------------------------------------------------------- */

void
demo_job_compute (DemoWorker *self, uint32_t step, size_t bytes)
{
  for (unsigned i = 0; i < 5000; i++)
    self->digest = (self->digest ^ i ^ step) * 0x100000001B3u;
}

void
demo_job_scan_file (DemoWorker *self, uint32_t step, size_t bytes)
{
  unsigned char page[4096];
  ssize_t n_bytes;

  if (self->file_fd < 0)
    return;
  memset (page, (int) step, sizeof page);
  n_bytes = pwrite (self->file_fd, page, sizeof page, (off_t) (step % 256) * (off_t) sizeof page);
  demo_count_file (self, n_bytes);
  for (uint32_t i = 1; i <= SCAN_READS; i++)
    {
      n_bytes =
          pread (self->file_fd, page, sizeof page, (off_t) (step / i % 256) * (off_t) sizeof page);
      demo_count_file (self, n_bytes);
      self->digest += n_bytes > 0 ? page[0] : 0;
    }
}

void
demo_job_idle (DemoWorker *self, uint32_t step, size_t bytes)
{
  self->digest += step;
}
