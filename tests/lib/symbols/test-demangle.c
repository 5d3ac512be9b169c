/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names that compilers made, with what they stand for; and what no compiler would make. */
#include "ms-demangle.h"

#include <dlfcn.h>
#include <string.h>

typedef struct {
  const char *symbol, *name; /* NULL: stays as it is */
} Case;

static const Case rust[] = {
  { "_RNvNtC4shop4till4open", "shop::till::open" },
  { "_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar" },
  { "_RINvC1a1bmE", "a::b::<u32>" },
  { "_RINvC1a1bNtB2_1cE", "a::b::<a::c>" },
  { "_RNCNvC4main4main0", "main::main::{closure#0}" },
  { "_RNCNvC4main4mains_0", "main::main::{closure#1}" },
  { "_RNvMC1aNtB2_1S3new", "<a::S>::new" },
  { "_RNvXs0_NtNtCsgEmfK2I1SDS_4core3num7dec2fltC3f16NtNtNtB9_3str6traits7FromStr8from_str",
    "<f16 as core::str::traits::FromStr>::from_str" },
  { "_RNvXC1aAhj4_NtB2_2Tr2go", "<[u8; 4] as a::Tr>::go" },
  { "_RINvC1a1bTmEE", "a::b::<(u32,)>" },
  { "_RINvC1a1bTmReEE", "a::b::<(u32, &str)>" },
  { "_RINvC1a1bFUKCmEuE", "a::b::<unsafe extern \"C\" fn(u32)>" },
  { "_RINvC1a1bFmEbE", "a::b::<fn(u32) -> bool>" },
  { "_RINvC1a1bDNtC4core4SendEL_E", "a::b::<dyn core::Send>" },
  { "_RINvC1a1bDNtC4core8Iteratorp4ItemmEL_E", "a::b::<dyn core::Iterator<Item = u32>>" },
  { "_RINvC1a1bFG_RL0_mEuE", "a::b::<for<'a> fn(&'a u32)>" },
  { "_RINvC1a1bKi2a_Klnff_Kb1_Kc41_E", "a::b::<42, -255, true, 'A'>" },
  { "_RNvC1au8gdel_5qa", "a::gödel" },
  { "_RNvC1a1b.llvm.1234", "a::b" },
  { "_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt" },
  { "_ZN66_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..drop..Drop$GT$"
    "4drop17h0123456789abcdefE",
    "<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop" },
  { "_ZN4main4main28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE", "main::main::{{closure}}" },
};

static const Case cxx[] = {
  { "_ZN5outer5Klass3runEi", "outer::Klass::run(int)" },
  { "_ZNSt6vectorIiSaIiEE9push_backERKi",
    "std::vector<int, std::allocator<int> >::push_back(int const&)" },
  { "_Znwm", "operator new(unsigned long)" },
  { "_ZN12_GLOBAL__N_13fooEv", "(anonymous namespace)::foo()" },
};

static const char *const not_mangled[] = {
  "",
  "_",
  "main",
  "_R",
  "_Rx",
  "_Z",
  "_ZN",
  "__libc_malloc",
  "_RNvC1a",
  "_RNvC1a9b",
  "R",
  "_R1C1a",
  "_RB_",
  "_RNvB_1a",
  "_RC99999999999999999999a",

  "_RINvC1a1bB9999_E",
  "_RYC1aB_",
};

static void
check (const Case *cases, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = ms_demangle (cases[i].symbol);

      g_assert_cmpstr (name, ==, cases[i].name);
    }
}

static void
test_rust (void)
{
  check (rust, G_N_ELEMENTS (rust));
}

static void
test_cxx (void)
{
  void *runtime = dlopen ("libstdc++.so.6", RTLD_LAZY);

  if (runtime == NULL)
    {
      g_test_skip ("no C++ runtime here");
      return;
    }
  check (cxx, G_N_ELEMENTS (cxx));
}

static void
test_not_mangled (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (not_mangled); i++)
    {
      g_autofree char *name = ms_demangle (not_mangled[i]);

      g_assert_cmpstr (name, ==, NULL);
    }
}

/* Every beginning, and random changes of every Rust name: an answer or none, soon. */
static void
test_hostile (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint i = 0; i < G_N_ELEMENTS (rust); i++)
    for (gsize n = 0; n < strlen (rust[i].symbol); n++)
      {
        g_autofree char *symbol = g_strndup (rust[i].symbol, n);

        g_free (ms_demangle_rust_v0 (symbol));
        g_free (ms_demangle_rust_legacy (symbol));
      }
  for (guint round = 0; round < 50000; round++)
    {
      static const char alphabet[] = "CNMXYIBTRFDKLEGsup_0123456789avb.$";
      const Case *from = &rust[g_rand_int_range (random, 0, G_N_ELEMENTS (rust))];
      g_autofree char *symbol = g_strdup (from->symbol);
      guint n_changes = (guint) g_rand_int_range (random, 1, 6);

      for (guint i = 0; i < n_changes; i++)
        {
          gsize at = 2 + (gsize) g_rand_int_range (random, 0, (gint32) strlen (symbol) - 2);

          symbol[at] = alphabet[g_rand_int_range (random, 0, sizeof alphabet - 1)];
        }
      g_autofree char *v0 = ms_demangle_rust_v0 (symbol);
      g_autofree char *legacy = ms_demangle_rust_legacy (symbol);

      g_assert_true (v0 == NULL || g_utf8_validate (v0, -1, NULL));
      g_assert_true (legacy == NULL || g_utf8_validate (legacy, -1, NULL));
    }
}

/* Each back reference doubles what is printed: the answer is none, and not an hour later. */
static void
test_explosion (void)
{
  g_autoptr (GString) symbol = g_string_new ("_RINvC1a1b");
  gsize previous = symbol->len - 2;

  g_string_append (symbol, "TmmE");
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *reference = NULL;
      GString *digits = g_string_new (NULL);
      gsize here = symbol->len - 2;

      for (gsize x = previous - 1;; x /= 62)
        {
          static const char base_62[] =
              "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

          g_string_prepend_c (digits, base_62[x % 62]);
          if (x < 62)
            break;
        }
      reference = g_string_free (digits, FALSE);
      g_string_append_printf (symbol, "TB%s_B%s_E", reference, reference);
      previous = here;
    }
  g_string_append_c (symbol, 'E');
  g_assert_null (ms_demangle_rust_v0 (symbol->str));

  g_string_assign (symbol, "_RNvC1a1b");
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (symbol, 'R');
  g_assert_null (ms_demangle (symbol->str));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demangle/rust", test_rust);
  g_test_add_func ("/demangle/cxx", test_cxx);
  g_test_add_func ("/demangle/not-mangled", test_not_mangled);
  g_test_add_func ("/demangle/hostile", test_hostile);
  g_test_add_func ("/demangle/explosion", test_explosion);
  return g_test_run ();
}
