/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * For functions that glibc 2.34 moved from libpthread and libdl into libc, under a new version.  Who is built
 * with a newer one would need that version of it, although the function is what it was:
 *
 *   built here              dlsym@GLIBC_2.34     refused by every glibc before 2.34
 *   with TRK_BIND_OLD       dlsym@GLIBC_2.2.5    there in all of them: newer ones keep the old name
 *
 * Both objects name the libraries of old, too (meson.build), which are empty today.  What is newer than
 * the promised glibc is never linked: it is looked up while running and done without.  A test of
 * the built objects (tests/lint/check-object) says which glibc they need.
 *
 * Once in a file that calls the function, outside of all functions.
 */
#pragma once

#if defined __x86_64__
#define TRK_BIND_OLD(name) __asm__(".symver " #name ", " #name "@GLIBC_2.2.5")
#elif defined __aarch64__
#define TRK_BIND_OLD(name) __asm__(".symver " #name ", " #name "@GLIBC_2.17")
#else
#define TRK_BIND_OLD(name) extern int trk_bind_old_nothing
#endif
