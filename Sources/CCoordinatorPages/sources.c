// SPDX-License-Identifier: Apache-2.0

#include "coordinator_pages.h"

// #embed is C23; clang takes it in every mode from version 19 on.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char openapi[] = {
#embed "openapi.json"
};
static const unsigned char status[] = {
#embed "status.html"
};

const unsigned char *const martlet_openapi_json = openapi;
const size_t martlet_openapi_json_size = sizeof openapi;
const unsigned char *const martlet_status_html = status;
const size_t martlet_status_html_size = sizeof status;
