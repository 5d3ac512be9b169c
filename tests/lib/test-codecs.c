/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The checksum and the codecs of format/ but for events (test-event-codec.c). */
#include <glib.h>
#include <string.h>

#include "trk-checksum.h"
#include "trk-frequency-codec.h"
#include "trk-module-codec.h"
#include "trk-stack-codec.h"

#define N_ROUNDS 400

static guint64
random_u64 (GRand *random)
{
  guint64 value = (guint64) g_rand_int (random) << 32 | g_rand_int (random);

  /* Of every length alike: small numbers are what traces are made of. */
  return value >> g_rand_int_range (random, 0, 64);
}

/* Published vectors of XXH64 with seed 0. */
static void
test_checksum_vectors (void)
{
  static const struct {
    const char *text;
    guint64 hash;
  } vectors[] = {
    { "", 0xef46db3751d8e999 },
    { "a", 0xd24ec4f1a98c6e5b },
    { "as", 0x1c330fb2d66be179 },
    { "asd", 0x631c37ce72a97393 },
    { "asdf", 0x415872f599cea71e },
    { "abc", 0x44bc2cf5ad770999 },
    { "Nobody inspects the spammish repetition", 0xfbcea83c8a378bf1 },
    { "Call me Ishmael. Some years ago--never mind how long precisely-", 0x02a2e85470d6fd96 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    g_assert_cmphex (trk_checksum (vectors[i].text, strlen (vectors[i].text)), ==, vectors[i].hash);
}

/* Every bit of header and payload counts, but for the checksum's own. */
static void
test_block_checksum_covers (void)
{
  guint8 payload[67];
  TrkBlockHeader header = { .magic = TRK_BLOCK_MAGIC, .payload_bytes = sizeof payload };
  guint64 whole;

  for (guint i = 0; i < sizeof payload; i++)
    payload[i] = (guint8) (i * 7);
  whole = trk_block_checksum (&header, payload, sizeof payload);
  header.checksum = 1;
  g_assert_cmphex (trk_block_checksum (&header, payload, sizeof payload), ==, whole);
  for (guint bit = 0; bit < 8 * sizeof payload; bit++)
    {
      payload[bit / 8] ^= (guint8) (1 << bit % 8);
      g_assert_cmphex (trk_block_checksum (&header, payload, sizeof payload), !=, whole);
      payload[bit / 8] ^= (guint8) (1 << bit % 8);
    }
  for (guint bit = 0; bit < 8 * sizeof header; bit++)
    {
      guint8 *byte = (guint8 *) &header + bit / 8;

      if ((gpointer) byte >= (gpointer) &header.checksum
          && (gpointer) byte < (gpointer) (&header.checksum + 1))
        continue;
      *byte ^= (guint8) (1 << bit % 8);
      g_assert_cmphex (trk_block_checksum (&header, payload, sizeof payload), !=, whole);
      *byte ^= (guint8) (1 << bit % 8);
    }
}

static void
test_varint (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  guint8 bytes[TRK_VARINT_MAX_BYTES], *end;
  static const guint8 too_long[] = { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                     0x80, 0x80, 0x80, 0x80, 0x00 };
  static const guint8 too_great[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };
  guint64 found = 0;

  for (guint i = 0; i < 10000; i++)
    {
      guint64 value = i < 2 ? G_MAXUINT64 - i : random_u64 (random);

      end = trk_varint_put (bytes, value);
      g_assert_true (trk_varint_get (bytes, end, &found) == end);
      g_assert_cmpuint (found, ==, value);
      g_assert_null (trk_varint_get (bytes, end - 1, &found));
      g_assert_cmpuint (trk_zigzag (trk_unzigzag (value)), ==, value);
    }
  g_assert_null (trk_varint_get (too_long, too_long + sizeof too_long, &found));
  g_assert_null (trk_varint_get (too_great, too_great + sizeof too_great, &found));
}

/* --- stacks, modules, frequencies ---------------------------------------------------------------- */

static void
test_stacks (void)
{
  for (guint seed = 0; seed < N_ROUNDS; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autofree guint8 *bytes = g_malloc (20 * TRK_STACK_RECORD_MAX_BYTES (TRK_MAX_STACK_DEPTH));
      TrkStackRecord stacks[20], found = { .depth = 0 };
      guint8 *end = bytes;
      const guint8 *p = bytes;

      for (guint i = 0; i < 20; i++)
        {
          TrkStackRecord *s = &stacks[i];
          const TrkStackRecord *last = i ? &stacks[i - 1] : NULL;

          s->id = g_rand_int (random);
          s->generation = g_rand_int (random);
          s->truncated = g_rand_boolean (random);
          s->depth = (guint32) g_rand_int_range (random, 0, TRK_MAX_STACK_DEPTH + 1);
          for (guint f = 0; f < s->depth; f++)
            s->frames[s->depth - 1 - f] =
                last && f < last->depth && g_rand_int_range (random, 0, 30)
                    ? last->frames[last->depth - 1 - f]
                    : random_u64 (random);
          end = trk_stack_encode (end, last ? last->frames : NULL, last ? last->depth : 0, s->id,
                                  s->generation, s->frames, s->depth, s->truncated);
        }
      for (guint i = 0; i < 20; i++)
        {
          p = trk_stack_decode (p, end, &found);
          g_assert_nonnull (p);
          g_assert_cmpuint (found.id, ==, stacks[i].id);
          g_assert_cmpuint (found.generation, ==, stacks[i].generation);
          g_assert_cmpuint (found.truncated, ==, stacks[i].truncated);
          g_assert_cmpmem (found.frames, found.depth * sizeof found.frames[0], stacks[i].frames,
                           stacks[i].depth * sizeof stacks[i].frames[0]);
        }
      g_assert_true (p == end);
    }
}

static void
test_stack_damage (void)
{
  /* id 1, generation 0, depth 257; and: shares a frame that the record before has not. */
  static const guint8 too_deep[] = { 1, 0, 0x82, 0x04, 0 }, shares_nothing[] = { 1, 0, 2, 1 };
  TrkStackRecord record = { .depth = 0 };

  g_assert_null (trk_stack_decode (too_deep, too_deep + sizeof too_deep, &record));
  g_assert_null (
      trk_stack_decode (shares_nothing, shares_nothing + sizeof shares_nothing, &record));
}

static void
test_modules (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  guint8 bytes[TRK_MODULE_RECORD_MAX_BYTES], build_id[TRK_BUILD_ID_MAX_BYTES];
  char path[TRK_MODULE_PATH_MAX_BYTES];

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      TrkModuleRecord wanted = { .generation = g_rand_int (random),
                                 .start = random_u64 (random),
                                 .bias = random_u64 (random),
                                 .path = path },
                      found;
      guint8 *end;

      wanted.end = wanted.start + random_u64 (random) % (G_MAXUINT64 - wanted.start);
      wanted.n_build_id = (guint32) g_rand_int_range (random, 0, TRK_BUILD_ID_MAX_BYTES + 1);
      wanted.build_id = wanted.n_build_id ? build_id : NULL;
      wanted.n_path = (guint32) g_rand_int_range (random, 0, TRK_MODULE_PATH_MAX_BYTES + 1);
      for (guint b = 0; b < wanted.n_build_id; b++)
        build_id[b] = (guint8) g_rand_int (random);
      for (guint b = 0; b < wanted.n_path; b++)
        path[b] = (char) g_rand_int (random);
      end = trk_module_encode (bytes, &wanted);
      g_assert_true (trk_module_decode (bytes, end, &found) == end);
      g_assert_null (trk_module_decode (bytes, end - 1, &found));
      g_assert_true (trk_module_decode (bytes, end, &found) == end);
      g_assert_cmpuint (found.generation, ==, wanted.generation);
      g_assert_cmphex (found.start, ==, wanted.start);
      g_assert_cmphex (found.end, ==, wanted.end);
      g_assert_cmphex (found.bias, ==, wanted.bias);
      g_assert_cmpmem (found.build_id, found.n_build_id, build_id, wanted.n_build_id);
      g_assert_cmpmem (found.path, found.n_path, path, wanted.n_path);
    }
}

static void
test_frequencies (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  guint8 bytes[TRK_FREQUENCY_HEADER_MAX_BYTES + 2 * TRK_FREQUENCY_RECORD_MAX_BYTES];

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      TrkFrequencyRecord domain = { .kind = TRK_FREQUENCY_DOMAIN,
                                    .domain = (guint8) (i % 3),
                                    .allocations = random_u64 (random),
                                    .frees = random_u64 (random),
                                    .bytes = random_u64 (random) };
      TrkFrequencyRecord stack = { .kind = TRK_FREQUENCY_STACK,
                                   .domain = domain.domain,
                                   .stack = g_rand_int (random),
                                   .allocations = random_u64 (random),
                                   .bytes = random_u64 (random) };
      TrkFrequencyRecord found = { .domain = TRK_N_DOMAINS };
      guint64 n_blocks = random_u64 (random), digest = random_u64 (random), n, d;
      const guint8 *p;
      guint8 *end;

      for (gint b = 0; b < g_rand_int_range (random, 0, TRK_FREQUENCY_SIZE_BINS + 1); b++)
        domain.size_bins[b] = random_u64 (random);
      end = trk_frequency_encode_header (bytes, n_blocks, digest);
      end = trk_frequency_encode (trk_frequency_encode (end, &domain), &stack);
      g_assert_cmpuint (end - bytes, <=, sizeof bytes);

      p = trk_frequency_decode_header (bytes, end, &n, &d);
      g_assert_cmpuint (n, ==, n_blocks);
      g_assert_cmpuint (d, ==, digest);
      p = trk_frequency_decode (p, end, &found);
      g_assert_nonnull (p);
      g_assert_cmpint (found.kind, ==, TRK_FREQUENCY_DOMAIN);
      g_assert_cmpuint (found.domain, ==, domain.domain);
      g_assert_cmpuint (found.allocations, ==, domain.allocations);
      g_assert_cmpuint (found.frees, ==, domain.frees);
      g_assert_cmpuint (found.bytes, ==, domain.bytes);
      g_assert_cmpmem (found.size_bins, sizeof found.size_bins, domain.size_bins,
                       sizeof domain.size_bins);
      g_assert_true (trk_frequency_decode (p, end, &found) == end);
      g_assert_cmpint (found.kind, ==, TRK_FREQUENCY_STACK);
      g_assert_cmpuint (found.domain, ==, domain.domain);
      g_assert_cmpuint (found.stack, ==, stack.stack);
      g_assert_cmpuint (found.allocations, ==, stack.allocations);
      g_assert_cmpuint (found.bytes, ==, stack.bytes);

      /* A stack of no domain. */
      found.domain = TRK_N_DOMAINS;
      g_assert_null (trk_frequency_decode (p, end, &found));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/codecs/checksum-vectors", test_checksum_vectors);
  g_test_add_func ("/codecs/block-checksum-covers", test_block_checksum_covers);
  g_test_add_func ("/codecs/varint", test_varint);
  g_test_add_func ("/codecs/stacks", test_stacks);
  g_test_add_func ("/codecs/stack-damage", test_stack_damage);
  g_test_add_func ("/codecs/modules", test_modules);
  g_test_add_func ("/codecs/frequencies", test_frequencies);
  return g_test_run ();
}
