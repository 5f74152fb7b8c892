/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a mail's header says of a part in `key=value` form, and the names in it, in any of
 * the forms that they come in:
 *
 *   filename=boot.log        filename="=?UTF-8?B?Ym9vdC5sb2c=?="     RFC 2047
 *   filename*=utf-8'en'b%C3%B6%C3%B6t.log                            RFC 2231, 4
 *   filename*0="bo"; filename*1*=%6Ft.log                            RFC 2231, 3
 *
 * RFC 2047 forbids its form here, and most mailers write it. */
#ifndef MODULES_UNPACK_MAIL_NAME_H
#define MODULES_UNPACK_MAIL_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define MAIL_NAME_BYTES 256u   /* with its NUL */

/* The value of `key`, which ends with "=", in a field's value. False: none, or it is too long. */
bool mail_parameter(const char *field, const char *key, char *value, size_t room);

/* A name, MAIL_NAME_BYTES at `name`: in UTF-8 as far as its charset is known, other bytes
 * and control bytes are '?'. Stays as it was when there is none. */
void mail_name(const char *field, const char *key, char *name);

/* Six bits of base64; -1: it is no digit. */
int mail_base64(unsigned char c);

#endif
