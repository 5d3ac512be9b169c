/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names of functions as a line of text has room for them.  What tells two functions apart at a glance stays:
 * namespaces, classes and the name; what is only ever long goes:
 *
 *   void std::vector<int, std::allocator<int> >::_M_realloc_insert<int>(int&&)   std::vector<>::_M_realloc_insert<>
 *   (anonymous namespace)::parse[abi:cxx11](char const*) const                   (anon)::parse
 *   std::ostream& std::operator<< <std::char_traits<char> >(std::ostream&, …)    std::operator<< <>
 *   <alloc::vec::Vec<u8> as core::fmt::Debug>::fmt                               <alloc::vec::Vec<> as core::fmt::Debug>::fmt
 *
 * For C++ as GNU's and LLVM's demanglers write it, and Rust.  Anything else, names of C above all, stays as
 * it is.
 */
#pragma once

#include "ms-types.h"

G_BEGIN_DECLS

/* @name: any bytes.  Never longer than @name, and empty only if that is; in time and memory linear in its
 * length. (transfer full) */
MS_API char *ms_short_name_new (const char *name);

G_END_DECLS
