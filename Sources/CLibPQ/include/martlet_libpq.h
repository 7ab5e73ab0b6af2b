// SPDX-License-Identifier: Apache-2.0

// libpq, as far as Martlet uses it, loaded at run time: nothing of PostgreSQL is needed to build or to start the program.
//
// Types and values are those of the chapter "libpq - C Library" of the PostgreSQL 12 documentation; handles are opaque.

#ifndef MARTLET_LIBPQ_H
#define MARTLET_LIBPQ_H

#include <stddef.h>

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;
typedef unsigned int Oid;

enum {
    CONNECTION_OK = 0,
};

enum {
    PGRES_EMPTY_QUERY = 0,
    PGRES_COMMAND_OK = 1,
    PGRES_TUPLES_OK = 2,
};

enum {
    PG_DIAG_SQLSTATE = 'C',
    PG_DIAG_MESSAGE_PRIMARY = 'M',
};

typedef struct pgNotify {
    char *relname;
    int be_pid;
    char *extra;
    struct pgNotify *next;
} PGnotify;

typedef struct _PQconninfoOption {
    char *keyword;
    char *envvar;
    char *compiled;
    char *val;
    char *label;
    char *dispchar;
    int dispsize;
} PQconninfoOption;

/// The functions in use, all present once loading has succeeded.
struct martlet_libpq {
    PQconninfoOption *(*conninfoParse)(const char *, char **);
    void (*conninfoFree)(PQconninfoOption *);
    PGconn *(*connectdbParams)(const char *const *, const char *const *, int);
    int (*status)(const PGconn *);
    char *(*errorMessage)(const PGconn *);
    int (*socket)(const PGconn *);
    int (*serverVersion)(const PGconn *);
    const char *(*parameterStatus)(const PGconn *, const char *);
    void (*finish)(PGconn *);
    void (*(*setNoticeProcessor)(PGconn *, void (*)(void *, const char *), void *))(void *, const char *);
    int (*sendQuery)(PGconn *, const char *);
    int (*sendPrepare)(PGconn *, const char *, const char *, int, const Oid *);
    int (*sendQueryPrepared)(PGconn *, const char *, int, const char *const *, const int *, const int *, int);
    int (*consumeInput)(PGconn *);
    int (*isBusy)(PGconn *);
    PGresult *(*getResult)(PGconn *);
    PGnotify *(*notifies)(PGconn *);
    void (*freemem)(void *);
    int (*resultStatus)(const PGresult *);
    char *(*resultErrorField)(const PGresult *, int);
    char *(*cmdStatus)(PGresult *);
    int (*ntuples)(const PGresult *);
    int (*nfields)(const PGresult *);
    Oid (*ftype)(const PGresult *, int);
    int (*getisnull)(const PGresult *, int, int);
    char *(*getvalue)(const PGresult *, int, int);
    int (*getlength)(const PGresult *, int, int);
    void (*clear)(PGresult *);
};

/// Loads the library `path`, such as "libpq.so.5", and fills `table`. It is never unloaded.
///
/// Returns 0, or -1 where there is no such library or a function is not in it.
int martlet_libpq_load(const char *path, struct martlet_libpq *table);

/// Keeps the server's notices from the standard error output, where libpq prints them of itself.
void martlet_libpq_silence(const struct martlet_libpq *table, PGconn *connection);

#endif
