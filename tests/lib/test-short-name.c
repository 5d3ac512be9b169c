/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Short names of what compilers write, of what they do not, and of every symbol of large libraries. */
#include "ms-short-name.h"

#include <gio/gio.h>
#include <string.h>

static void
test_table (void)
{
  static const struct {
    const char *name, *expected;
  } cases[] = {
    { "main", "main" },
    { "", "" },
    { "app+0x12f0", "app+0x12f0" },
    { "std::_Vector_base<char, std::allocator<char> >::_M_allocate(unsigned long)",
      "std::_Vector_base<>::_M_allocate" },
    { "void std::vector<int, std::allocator<int> >::_M_realloc_insert<int const&>(int const&)",
      "std::vector<>::_M_realloc_insert<>" },
    { "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> "
      ">::~basic_string()",
      "std::__cxx11::basic_string<>::~basic_string" },
    { "(anonymous namespace)::parse[abi:cxx11](char const*) const", "(anon)::parse" },
    { "ns::(anonymous namespace)::Cache::get()", "ns::(anon)::Cache::get" },
    { "char const* find(char const*)", "find" },
    { "std::string const& Name::get() const", "Name::get" },
    { "Foo::bar(int) const &", "Foo::bar" },
    { "foo(int) [clone .isra.0]", "foo" },
    { "foo(int) (.cold)", "foo" },
    { "main::{lambda(int)#1}::operator()(int) const", "main::{lambda#1}::operator()" },
    { "run(std::function<void ()>)::{lambda()#2}::operator()() const",
      "run::{lambda#2}::operator()" },
    { "auto run()::'lambda'(int)::operator()<int>(int) const", "run::'lambda'::operator()<>" },
    { "bool operator< <int>(Foo<int> const&, Foo<int> const&)", "operator< <>" },
    { "bool operator<<int>(Foo<int> const&)", "operator<<>" },
    { "std::ostream& std::operator<< <std::char_traits<char> >(std::ostream&, char const*)",
      "std::operator<< <>" },
    { "Foo::operator->() const", "Foo::operator->" },
    { "Foo<int>::operator->*(int)", "Foo<>::operator->*" },
    { "Foo<(Kind)2>::operator>>=(int)", "Foo<>::operator>>=" },
    { "Foo::operator<=>(Foo const&) const", "Foo::operator<=>" },
    { "Foo::operator[](unsigned long)", "Foo::operator[]" },
    { "Foo::operator bool() const", "Foo::operator bool" },
    { "Foo::operator char const*() const", "Foo::operator char const*" },
    { "Foo::operator std::vector<int>() const", "Foo::operator std::vector<>" },
    { "operator new(unsigned long)", "operator new" },
    { "operator new[](unsigned long, std::nothrow_t const&)", "operator new[]" },
    { "operator_like(int)", "operator_like" },
    { "int (*pick<int>(char))(long)", "pick<>" },
    { "decltype ((a)(b)) call<int>(int)", "call<>" },
    { "std::enable_if<((sizeof (T))>(8))&&((a)<(b)), T>::type make<T>(T)", "make<>" },
    { "non-virtual thunk to Foo<int>::~Foo()", "Foo<>::~Foo" },
    { "vtable for Foo<int>", "vtable for Foo<>" },
    { "<alloc::vec::Vec<u8> as core::fmt::Debug>::fmt",
      "<alloc::vec::Vec<> as core::fmt::Debug>::fmt" },
    { "<<a::B<u8> as a::C>::D as a::E<u8>>::f", "<<a::B<> as a::C>::D as a::E<>>::f" },
    { "alloc::vec::Vec<T,A>::reserve", "alloc::vec::Vec<>::reserve" },
    { "core::ptr::drop_in_place::<alloc::vec::Vec<u8>>", "core::ptr::drop_in_place::<>" },
    { "<fn(u8) -> u8 as core::ops::FnOnce<(u8,)>>::call_once::{closure#0}",
      "<fn() -> u8 as core::ops::FnOnce<>>::call_once::{closure#0}" },
    { "core::fmt::num::<impl core::fmt::Display for u32>::fmt",
      "core::fmt::num::<impl core::fmt::Display for u32>::fmt" },
    { "main.(*Tree).Insert", "main.(*Tree).Insert" },
    { "LazyCompile:*add /srv/shop.js:3", "LazyCompile:*add /srv/shop.js:3" },
    { "-[Window draw:]", "-[Window draw:]" },
    /* Cut, as demanglers do with what is too long, or made up. */
    { "std::vector<int, std::allo", "std::vector<int, std::allo" },
    { "foo(int", "foo(int" },
    { "(((", "(((" },
    { ">>>)))", ">>>)))" },
    { "(x)", "(x)" },
    { "f( ) ", "f( ) " },
    { "operator", "operator" },
    { "operator<", "operator<" },
    { "größe<int>(char)", "größe<>" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = ms_short_name_new (cases[i].name);

      g_assert_cmpstr (shown, ==, cases[i].expected);
    }
}

/* Operators apart, the brackets of @name close in order. */
static gboolean
is_balanced (const char *name)
{
  static GRegex *operators = NULL;
  g_autofree char *rest = NULL;
  g_autoptr (GString) open = g_string_new (NULL);

  if (operators == NULL)
    operators =
        g_regex_new ("operator(\\(\\)|\\[\\]|<=>|<<=|>>=|->\\*|->|<<(?![A-Za-z_])|>>|<=|>=|<|>)|->",
                     G_REGEX_OPTIMIZE, 0, NULL);
  rest = g_regex_replace_literal (operators, name, -1, 0, "", 0, NULL);
  if (rest == NULL)
    return FALSE; /* no UTF-8 */
  for (const char *p = rest; *p != '\0'; p++)
    if (strchr ("(<[{", *p) != NULL)
      g_string_append_c (open, *p == '(' ? ')' : *p == '<' ? '>' : *p == '[' ? ']' : '}');
    else if (strchr (")>]}", *p) != NULL)
      {
        if (open->len == 0 || open->str[open->len - 1] != *p)
          return FALSE;
        g_string_truncate (open, open->len - 1);
      }
  return open->len == 0;
}

static void
check (const char *name)
{
  g_autofree char *shown = ms_short_name_new (name);

  g_assert_cmpuint (strlen (shown), <=, strlen (name));
  g_assert_true (shown[0] != '\0' || name[0] == '\0');
  if (g_utf8_validate (name, -1, NULL))
    g_assert_true (g_utf8_validate (shown, -1, NULL));
}

static void
test_hostile (void)
{
  static const char *const pieces[] = {
    "(",        ")",         "<", ">",     "[",  "]",           "{",       "}",
    "operator", "operator<", " ", "const", "::", "(anonymous ", " [clone", "a",
    "ö",        "\xff",      "*", "&",     "-",  "<impl ",      "[abi:x]", "#"
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (42);

  for (guint round = 0; round < 50000; round++)
    {
      g_autoptr (GString) name = g_string_new (NULL);

      for (gint n = g_rand_int_range (random, 0, 24); n > 0; n--)
        g_string_append (name, pieces[g_rand_int_range (random, 0, G_N_ELEMENTS (pieces))]);
      check (name->str);
    }
}

/* A million brackets: what took quadratic time would not come back. */
static void
test_long (void)
{
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strnfill (1000000, "(<[{"[i]);

      check (name);
      memset (name + 500000, ")>]}"[i], 500000);
      check (name);
    }
}

static void
test_symbols_of (gconstpointer data)
{
  g_autofree char *nm = g_find_program_in_path ("nm");
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *output = NULL;
  g_auto (GStrv) lines = NULL;
  guint n_shorter = 0;

  if (nm == NULL || !g_file_test (data, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no nm or no such library here");
      return;
    }
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, nm, "-DC", "--defined-only",
                              "--format=posix", data, NULL);
  g_assert_nonnull (process);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, NULL));
  lines = g_strsplit (output, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *shown = NULL;
      char *end;

      /* "name T value size", "@@VERSION" behind the name. */
      for (guint field = 0; field < 3 && (end = strrchr (lines[i], ' ')) != NULL; field++)
        *end = '\0';
      end = strchr (lines[i], '@');
      if (end != NULL)
        *end = '\0';
      if (!is_balanced (lines[i]))
        continue;
      check (lines[i]);
      shown = ms_short_name_new (lines[i]);
      if (!is_balanced (shown))
        g_error ("%s\nis not balanced as\n%s", lines[i], shown);
      n_shorter += strlen (shown) < strlen (lines[i]);
    }
  g_assert_cmpuint (n_shorter, >, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/short-name/table", test_table);
  g_test_add_func ("/short-name/hostile", test_hostile);
  g_test_add_func ("/short-name/long", test_long);
  g_test_add_data_func ("/short-name/libstdc++", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
                        test_symbols_of);
  g_test_add_data_func ("/short-name/llvm", "/usr/lib/x86_64-linux-gnu/libLLVM-14.so.1",
                        test_symbols_of);
  return g_test_run ();
}
