#include "coordinator_pages.h"
const unsigned char *const martlet_openapi_json = (const unsigned char *)"{}"; const size_t martlet_openapi_json_size = 2;
const unsigned char *const martlet_status_html = (const unsigned char *)"-"; const size_t martlet_status_html_size = 1;
