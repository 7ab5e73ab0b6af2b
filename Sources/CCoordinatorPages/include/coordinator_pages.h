// SPDX-License-Identifier: Apache-2.0

// What a coordinator serves as it is, embedded so that one binary is all there is to install.

#ifndef MARTLET_COORDINATOR_PAGES_H
#define MARTLET_COORDINATOR_PAGES_H

#include <stddef.h>

/// The description of the HTTP interface, OpenAPI 3.1; not terminated.
extern const unsigned char *const martlet_openapi_json;
extern const size_t martlet_openapi_json_size;

/// The status page, one HTML document that loads nothing else; not terminated.
extern const unsigned char *const martlet_status_html;
extern const size_t martlet_status_html_size;

#endif
