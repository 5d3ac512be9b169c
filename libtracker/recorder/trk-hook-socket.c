/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-hook-socket.h"

#include "trk-format.h"
#include "trk-process.h"
#include "trk-system.h"

static_assert (offsetof (TrkLane, socket_sent_bytes)
                   == offsetof (TrkLane, socket_received_bytes) + sizeof (uint64_t),
               "trk_hook_get_socket_bytes() is an array of both");

uint16_t trk_hook_socket_words[TRK_SOCKET_WORDS];

/* Words behind this one have never been used: a range of all descriptors need not touch them. */
static _Atomic unsigned n_words_used;

static void
use_word (unsigned fd)
{
  unsigned n = atomic_load (&n_words_used);

  while (n <= fd && !atomic_compare_exchange_weak (&n_words_used, &n, fd + 1))
    ;
}

static bool
look_at (int fd, bool *is_socket)
{
  int answer;

  if (!trk_process_begin_calls ())
    return false;
  answer = trk_system_is_socket (fd);
  trk_process_end_calls ();
  *is_socket = answer == 1;
  return answer >= 0;
}

bool
trk_hook_find_socket (int fd)
{
  bool is_socket = false;
  uint16_t word;

  if (fd < 0)
    return false;
  if ((unsigned) fd >= TRK_SOCKET_WORDS)
    return look_at (fd, &is_socket) && is_socket;
  use_word (
      (unsigned) fd); /* before the word is read: whoever closes a range sees one or the other */
  word = __atomic_load_n (&trk_hook_socket_words[fd], __ATOMIC_SEQ_CST);
  if (word & TRK_KIND_MASK)
    return (word & TRK_KIND_MASK) == TRK_KIND_OF_SOCKET;
  if (!look_at (fd, &is_socket))
    return false;
  __atomic_compare_exchange_n (&trk_hook_socket_words[fd], &word,
                               word | (is_socket ? TRK_KIND_OF_SOCKET : TRK_KIND_OF_OTHER), false,
                               __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return is_socket;
}

static void
raise_generation (uint16_t *at)
{
  uint16_t word = __atomic_load_n (at, __ATOMIC_SEQ_CST);

  while (!__atomic_compare_exchange_n (at, &word, (uint16_t) ((word | TRK_KIND_MASK) + 1), false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    ;
}

void
trk_hook_descriptor_changes (int fd)
{
  if (fd >= 0)
    trk_hook_descriptors_change ((unsigned) fd, (unsigned) fd);
}

void
trk_hook_descriptors_change (unsigned first, unsigned last)
{
  unsigned n = atomic_load (&n_words_used);

  for (unsigned fd = first; fd < n && fd <= last; fd++)
    raise_generation (&trk_hook_socket_words[fd]);
}
