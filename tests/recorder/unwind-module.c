/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A module for test-unwind-modules.c, built twice with different FRAME_BYTES.  Assembly, so that
 * both have their call at the same offset and only the frame differs.
 */
#define STRING(text) #text
#define STRING_OF(macro) STRING (macro)

__asm__(
    ".text\n"
    ".globl enter_module\n"
    ".type enter_module, @function\n"
    "enter_module:\n"
    ".cfi_startproc\n"
    "subq $" STRING_OF (
        FRAME_BYTES) ", %rsp\n"
                     ".cfi_adjust_cfa_offset " STRING_OF (
                         FRAME_BYTES) "\n"
                                      "movq $0, 8(%rsp)\n"
                                      "movq $0, 24(%rsp)\n"
                                      "call *%rdi\n"
                                      "addq $" STRING_OF (
                                          FRAME_BYTES) ", %rsp\n"
                                                       ".cfi_adjust_cfa_offset -" STRING_OF (
                                                           FRAME_BYTES) "\n"
                                                                        "ret\n"
                                                                        ".cfi_endproc\n"
                                                                        ".size enter_module, . - "
                                                                        "enter_module\n"
                                                                        ".section .note.GNU-stack, "
                                                                        "\"\", @progbits\n");
