// SPDX-License-Identifier: Apache-2.0

#include "martlet_libpq.h"

#include "martlet_dynamic_library.h"

#define ENTRY(field, name) MARTLET_LIBRARY_FUNCTION(martlet_libpq, field, name)

int martlet_libpq_load(const char *path, struct martlet_libpq *table) {
    static const struct martlet_library_function functions[] = {
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
    return martlet_library_load(path, functions, sizeof functions / sizeof *functions, table);
}

static void ignore(void *context, const char *message) {
    (void)context;
    (void)message;
}

void martlet_libpq_silence(const struct martlet_libpq *table, PGconn *connection) {
    table->setNoticeProcessor(connection, ignore, NULL);
}
