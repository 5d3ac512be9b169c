/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Blocks of resource samples against a plain model: what was encoded, in however many blocks, is what is
 * decoded, sample by sample, field by field; what was not measured is not there.
 */
#include <glib.h>
#include <string.h>

#include "trk-checksum.h"
#include "trk-resource-codec.h"

#define N_ROUNDS 60
#define N_SOURCES 40
#define NOT_DUE 10

/* A source as the test goes on with it. */
typedef struct {
  TrkResourceKey key;
  char name[24];
  guint n_fields;
  guint64 values[TRK_RESOURCE_MAX_FIELDS];
} Source;

/* One sample as it was encoded, to be found again. */
typedef struct {
  TrkResourceKey key;
  char name[24];
  guint64 time_ns;
  guint n_fields;
  guint64 values[TRK_RESOURCE_MAX_FIELDS];
  guint8 reasons[TRK_RESOURCE_MAX_FIELDS];
} Sample;

typedef struct {
  TrkBlockHeader header;
  guint8 *payload;
} Block;

static void
clear_block (gpointer data)
{
  g_free (((Block *) data)->payload);
}

static guint64
random_u64 (GRand *random)
{
  return ((guint64) g_rand_int (random) << 32 | g_rand_int (random))
         >> g_rand_int_range (random, 0, 64);
}

static void
make_source (Source *source, guint number, GRand *random)
{
  source->n_fields = (guint) g_rand_int_range (random, 1, TRK_RESOURCE_MAX_FIELDS + 1);
  source->key = (TrkResourceKey) { .kind = number % 5, .id = number, .start = random_u64 (random) };
  source->key.n_name = (guint32) g_rand_int_range (random, 0, sizeof source->name);
  for (guint i = 0; i < source->key.n_name; i++)
    source->name[i] = (char) g_rand_int (random);
  source->key.name = source->name;
}

/* Mostly little changes, now and then anything. */
static void
make_sample (Source *source, Sample *sample, guint64 *time_ns, GRand *random)
{
  guint mode = (guint) g_rand_int_range (random, 0, 10);

  *time_ns += g_rand_int_range (random, 0, 20) == 0 ? (guint64) -50 : random_u64 (random) >> 30;
  for (guint i = 0; i < source->n_fields; i++)
    {
      if (mode == 0)
        source->values[i] = random_u64 (random);
      else if (mode < 5 && g_rand_boolean (random))
        source->values[i] += (guint64) g_rand_int_range (random, -3, 1000);
      sample->reasons[i] = 0;
      if (mode == 9 || (mode == 8 && g_rand_boolean (random)))
        sample->reasons[i] = (guint8) g_rand_int_range (random, 1, NOT_DUE + 1);
    }
  sample->key = source->key;
  memcpy (sample->name, source->name, sizeof sample->name);
  sample->key.name = sample->name;
  sample->time_ns = *time_ns;
  sample->n_fields = source->n_fields;
  memcpy (sample->values, source->values, sizeof sample->values);
}

static void
end_block (TrkResourceEncoder *encoder, GArray *blocks)
{
  Block block = { .header.block_number = blocks->len };
  guint32 n_bytes = trk_resource_encoder_end (encoder, &block.header);

  block.payload = g_memdup2 (encoder->payload, n_bytes);
  g_assert_cmphex (block.header.checksum, ==,
                   trk_block_checksum (&block.header, block.payload, n_bytes));
  g_array_append_val (blocks, block);
}

static GArray *
encode (GPtrArray *samples, guint64 first_ns, gsize block_bytes)
{
  g_autofree TrkResourceEncoder *encoder = g_new (TrkResourceEncoder, 1);
  g_autofree guint8 *payload = g_malloc (block_bytes);
  GArray *blocks = g_array_new (FALSE, TRUE, sizeof (Block));

  memset (encoder, 0xaa, sizeof *encoder);
  g_array_set_clear_func (blocks, clear_block);
  trk_resource_encoder_begin (encoder, payload, block_bytes, first_ns);
  for (guint i = 0; i < samples->len; i++)
    {
      const Sample *sample = samples->pdata[i];

      if (trk_resource_encode_sample (encoder, &sample->key, sample->time_ns, sample->values,
                                      sample->reasons, sample->n_fields, NOT_DUE))
        continue;
      end_block (encoder, blocks);
      trk_resource_encoder_begin (encoder, payload, block_bytes, sample->time_ns);
      g_assert_true (trk_resource_encode_sample (encoder, &sample->key, sample->time_ns,
                                                 sample->values, sample->reasons, sample->n_fields,
                                                 NOT_DUE));
    }
  end_block (encoder, blocks);
  return blocks;
}

/* What a reader knows of the sources of one block. */
typedef struct {
  TrkResourceKey keys[TRK_RESOURCE_MAX_SOURCES];
  guint8 reasons[TRK_RESOURCE_MAX_SOURCES][TRK_RESOURCE_MAX_FIELDS];
} Reader;

static void
assert_key (const TrkResourceKey *a, const TrkResourceKey *b)
{
  g_assert_cmpuint (a->kind, ==, b->kind);
  g_assert_cmpuint (a->id, ==, b->id);
  g_assert_cmpuint (a->start, ==, b->start);
  g_assert_cmpmem (a->name, a->n_name, b->name, b->n_name);
}

/* All fields are accounted for: present with their value, said to be absent, or not due. */
static void
assert_sample (Reader *reader, const TrkResourceRecord *record, const Sample *sample)
{
  guint32 fields = 0;

  assert_key (&reader->keys[record->source], &sample->key);
  g_assert_cmpuint (record->time_ns, ==, sample->time_ns);
  for (guint i = 0; i < sample->n_fields; i++)
    {
      if (sample->reasons[i] == 0)
        {
          fields |= 1U << i;
          g_assert_cmpuint (record->values[i], ==, sample->values[i]);
        }
      else if (sample->reasons[i] != NOT_DUE)
        g_assert_cmpuint (reader->reasons[record->source][i], ==, sample->reasons[i]);
    }
  g_assert_cmphex (record->fields, ==, fields);
}

static gboolean
has_fields (const Sample *sample)
{
  for (guint i = 0; i < sample->n_fields; i++)
    if (sample->reasons[i] == 0)
      return TRUE;
  return FALSE;
}

static void
decode_block (const Block *block, GPtrArray *samples, guint *next)
{
  g_autofree TrkResourceDecoder *decoder = g_new (TrkResourceDecoder, 1);
  g_autofree Reader *reader = g_new0 (Reader, 1);
  TrkResourceRecord record;
  TrkResourceRecordType type;
  guint n_sources = 0, n_records = 0;
  guint64 latest_ns = block->header.first_ticks;

  memset (decoder, 0xaa, sizeof *decoder);
  trk_resource_decoder_begin (decoder, block->payload, block->header.payload_bytes,
                              block->header.first_ticks);
  while ((type = trk_resource_decode (decoder, &record)) != TRK_RESOURCE_END)
    {
      g_assert_cmpint (type, !=, TRK_RESOURCE_DAMAGED);
      n_records++;
      if (type == TRK_RESOURCE_SOURCE)
        {
          g_assert_cmpuint (record.source, ==, n_sources++);
          reader->keys[record.source] = record.key;
          continue;
        }
      latest_ns = MAX (latest_ns, record.time_ns);
      if (type == TRK_RESOURCE_ABSENT)
        {
          for (guint i = 0; i < TRK_RESOURCE_MAX_FIELDS; i++)
            if (record.fields & 1U << i)
              reader->reasons[record.source][i] = (guint8) record.reason;
          continue;
        }
      g_assert_cmpint (type, ==, TRK_RESOURCE_SAMPLE);
      while (!has_fields (samples->pdata[*next]))
        ++*next;
      assert_sample (reader, &record, samples->pdata[(*next)++]);
    }
  g_assert_cmpuint (n_records, ==, block->header.n_records);
  g_assert_cmpuint (latest_ns, ==, block->header.last_ticks);
}

static void
test_model (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (round);
      g_autoptr (GPtrArray) samples = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GArray) blocks = NULL;
      Source sources[N_SOURCES] = { 0 };
      guint64 first_ns = random_u64 (random), time_ns = first_ns;
      guint next = 0;

      for (guint i = 0; i < N_SOURCES; i++)
        make_source (&sources[i], i, random);
      for (guint i = 0; i < 800; i++)
        {
          Source *source = &sources[g_rand_int_range (random, 0, N_SOURCES)];
          Sample *sample = g_new0 (Sample, 1);

          if (g_rand_int_range (random, 0, 50) == 0 && source->key.n_name > 0)
            source->name[0]++; /* a thread was renamed */
          make_sample (source, sample, &time_ns, random);
          g_ptr_array_add (samples, sample);
        }
      blocks = encode (samples, first_ns, round % 2 ? 16384 : 500000);
      g_assert_cmpint (blocks->len > 1, ==, round % 2);
      for (guint i = 0; i < blocks->len; i++)
        decode_block (&g_array_index (blocks, Block, i), samples, &next);
      for (; next < samples->len; next++)
        g_assert_false (has_fields (samples->pdata[next]));
    }
}

/* What an idle thread costs, and one that works: docs/FORMAT.md says it. */
static void
test_size (void)
{
  g_autofree TrkResourceEncoder *encoder = g_new (TrkResourceEncoder, 1);
  guint8 payload[16384], reasons[16] = { 0 };
  guint64 values[16] = { 123456789, 5000, 70, 0, 'S', 1, 800, 2 }, time_ns = 0;
  TrkResourceKey key = { 11, 4211, 1433565, "worker", 6 };
  guint8 *before;

  trk_resource_encoder_begin (encoder, payload, sizeof payload, time_ns);
  g_assert_true (trk_resource_encode_sample (encoder, &key, time_ns, values, reasons, 16, NOT_DUE));
  before = encoder->at;
  g_assert_true (
      trk_resource_encode_sample (encoder, &key, time_ns += 5000, values, reasons, 16, NOT_DUE));
  g_assert_cmpint (encoder->at - before, ==, 4);
  values[0] += 30000000;
  values[1] += 10000;
  values[2] += 3;
  before = encoder->at;
  g_assert_true (
      trk_resource_encode_sample (encoder, &key, time_ns += 5000, values, reasons, 16, NOT_DUE));
  g_assert_cmpint (encoder->at - before, ==, 12);
}

/* More sources than a block has room for; names that are too long; an interval. */
static void
test_limits (void)
{
  g_autofree TrkResourceEncoder *encoder = g_new (TrkResourceEncoder, 1);
  g_autofree TrkResourceDecoder *decoder = g_new (TrkResourceDecoder, 1);
  g_autofree guint8 *payload = g_malloc (1000000);
  g_autofree char *name = g_strnfill (2 * TRK_RESOURCE_NAME_MAX_BYTES, 'x');
  TrkResourceKey key = { 1, 0, 0, name, 2 * TRK_RESOURCE_NAME_MAX_BYTES };
  TrkBlockHeader header = { 0 };
  TrkResourceRecord record;
  guint64 value = 1;
  guint8 reason = 0;
  guint n_sources = 0;

  trk_resource_encoder_begin (encoder, payload, 1000000, 100);
  g_assert_true (trk_resource_encode_interval (encoder, 100000000));
  g_assert_true (trk_resource_encode_sample (encoder, &key, 100, &value, &reason, 1, NOT_DUE));
  key.n_name = 0;
  for (key.id = 1; trk_resource_encode_sample (encoder, &key, 100, &value, &reason, 1, NOT_DUE);
       key.id++)
    ;
  g_assert_cmpuint (key.id, ==, TRK_RESOURCE_MAX_SOURCES);
  key.id--; /* of a known one still */
  g_assert_true (trk_resource_encode_sample (encoder, &key, 50, &value, &reason, 1, NOT_DUE));
  trk_resource_encoder_end (encoder, &header);
  g_assert_cmpuint (header.last_ticks, ==, 100);

  trk_resource_decoder_begin (decoder, payload, header.payload_bytes, header.first_ticks);
  g_assert_cmpint (trk_resource_decode (decoder, &record), ==, TRK_RESOURCE_INTERVAL);
  g_assert_cmpuint (record.interval_ns, ==, 100000000);
  g_assert_cmpint (trk_resource_decode (decoder, &record), ==, TRK_RESOURCE_SOURCE);
  g_assert_cmpuint (record.key.n_name, ==, TRK_RESOURCE_NAME_MAX_BYTES);
  for (TrkResourceRecordType type;
       (type = trk_resource_decode (decoder, &record)) != TRK_RESOURCE_END;)
    n_sources += type == TRK_RESOURCE_SOURCE;
  g_assert_cmpuint (n_sources, ==, TRK_RESOURCE_MAX_SOURCES - 1);
  g_assert_cmpuint (record.time_ns, ==, 50);
}

static void
assert_records (const guint8 *bytes, gsize n_bytes, guint n_good, TrkResourceRecordType last)
{
  g_autofree TrkResourceDecoder *decoder = g_new (TrkResourceDecoder, 1);
  g_autofree guint8 *copy = g_memdup2 (bytes, n_bytes);
  TrkResourceRecord record;

  trk_resource_decoder_begin (decoder, copy, n_bytes, 0);
  for (guint i = 0; i < n_good; i++)
    g_assert_cmpint (trk_resource_decode (decoder, &record), <, TRK_RESOURCE_END);
  g_assert_cmpint (trk_resource_decode (decoder, &record), ==, last);
  g_assert_cmpint (trk_resource_decode (decoder, &record), ==, TRK_RESOURCE_END);
}

static void
test_damage (void)
{
  static const guint8 unknown_op[] = { 5, 3, 0xff, 0xff, 0xff, 3, 7 };
  static const guint8 unknown_op_too_long[] = { 5, 200, 1, 0 };
  static const guint8 no_such_source[] = { 16, 0, 0 };
  static const guint8 absent_of_no_source[] = { 2, 0, 0, 1, 4 };
  static const guint8 changed_but_absent[] = { 1, 1, 1, 0, 0, 16, 0, 3 << 1 | 1, 1, 2, 2 };
  static const guint8 mask_too_wide[] = { 1, 1, 1, 0, 0, 16, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x1f };
  static const guint8 name_too_long[] = { 1, 1, 1, 0, 4, 'a', 'b' };
  static const guint8 cut[] = { 1, 1, 1, 0, 0, 16, 0 };
  static const guint8 ends[] = { 3, 9, 0, 0xff, 0xff };

  assert_records (unknown_op, sizeof unknown_op, 1, TRK_RESOURCE_END);
  assert_records (unknown_op_too_long, sizeof unknown_op_too_long, 0, TRK_RESOURCE_DAMAGED);
  assert_records (no_such_source, sizeof no_such_source, 0, TRK_RESOURCE_DAMAGED);
  assert_records (absent_of_no_source, sizeof absent_of_no_source, 0, TRK_RESOURCE_DAMAGED);
  assert_records (changed_but_absent, sizeof changed_but_absent, 1, TRK_RESOURCE_DAMAGED);
  assert_records (mask_too_wide, sizeof mask_too_wide, 1, TRK_RESOURCE_DAMAGED);
  assert_records (name_too_long, sizeof name_too_long, 0, TRK_RESOURCE_DAMAGED);
  assert_records (cut, sizeof cut, 1, TRK_RESOURCE_DAMAGED);
  assert_records (ends, sizeof ends, 1, TRK_RESOURCE_END);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/resource-codec/model", test_model);
  g_test_add_func ("/resource-codec/size", test_size);
  g_test_add_func ("/resource-codec/limits", test_limits);
  g_test_add_func ("/resource-codec/damage", test_damage);
  return g_test_run ();
}
