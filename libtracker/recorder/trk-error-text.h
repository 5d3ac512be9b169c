/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an error number says, in the words of the C library.  Not by strerror (), which allocates and
 * translates, nor by strerrordesc_np (), which glibc has since 2.32 alone: for the errors that set-up and
 * files meet, and "unknown error" for the rest.  Any thread, signal-safe.
 */
#pragma once

const char *trk_error_text (int error); /* a positive errno */
