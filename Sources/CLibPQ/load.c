// SPDX-License-Identifier: Apache-2.0

#include "martlet_libpq.h"

#include <dlfcn.h>
#include <stdio.h>

struct entry {
    size_t offset;
    const char *name;
};

#define ENTRY(field, name) {offsetof(struct martlet_libpq, field), name}

int martlet_libpq_load(const char *path, struct martlet_libpq *table, char *reason, size_t size) {
    static const struct entry entries[] = {
        ENTRY(conninfoParse, "PQconninfoParse"),
        ENTRY(conninfoFree, "PQconninfoFree"),
        ENTRY(connectdbParams, "PQconnectdbParams"),
        ENTRY(status, "PQstatus"),
        ENTRY(errorMessage, "PQerrorMessage"),
        ENTRY(socket, "PQsocket"),
        ENTRY(serverVersion, "PQserverVersion"),
        ENTRY(parameterStatus, "PQparameterStatus"),
        ENTRY(finish, "PQfinish"),
        ENTRY(setNoticeProcessor, "PQsetNoticeProcessor"),
        ENTRY(sendQuery, "PQsendQuery"),
        ENTRY(sendPrepare, "PQsendPrepare"),
        ENTRY(sendQueryPrepared, "PQsendQueryPrepared"),
        ENTRY(consumeInput, "PQconsumeInput"),
        ENTRY(isBusy, "PQisBusy"),
        ENTRY(getResult, "PQgetResult"),
        ENTRY(notifies, "PQnotifies"),
        ENTRY(freemem, "PQfreemem"),
        ENTRY(resultStatus, "PQresultStatus"),
        ENTRY(resultErrorField, "PQresultErrorField"),
        ENTRY(cmdStatus, "PQcmdStatus"),
        ENTRY(ntuples, "PQntuples"),
        ENTRY(nfields, "PQnfields"),
        ENTRY(ftype, "PQftype"),
        ENTRY(getisnull, "PQgetisnull"),
        ENTRY(getvalue, "PQgetvalue"),
        ENTRY(getlength, "PQgetlength"),
        ENTRY(clear, "PQclear"),
    };
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *message = dlerror();
        snprintf(reason, size, "%s", message ? message : path);
        return -1;
    }
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        void *address = dlsym(library, entries[i].name);
        if (!address) {
            snprintf(reason, size, "it has no %s", entries[i].name);
            dlclose(library);
            return -1;
        }
        *(void **)((char *)table + entries[i].offset) = address;
    }
    return 0;
}

static void ignore(void *context, const char *message) {
    (void)context;
    (void)message;
}

void martlet_libpq_silence(const struct martlet_libpq *table, PGconn *connection) {
    table->setNoticeProcessor(connection, ignore, NULL);
}
