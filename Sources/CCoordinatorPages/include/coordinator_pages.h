#pragma once
#include <stddef.h>
extern const unsigned char *const martlet_openapi_json; extern const size_t martlet_openapi_json_size;
extern const unsigned char *const martlet_status_html; extern const size_t martlet_status_html_size;
