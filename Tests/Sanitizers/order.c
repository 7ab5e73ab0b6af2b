// SPDX-License-Identifier: Apache-2.0

// Tells ThreadSanitizer of order between threads that Swift's libraries bring, which are not instrumented. Preloaded by run.sh.
// It adds order where there is some, and hides nothing else: accesses without a lock, or to what two threads hold, are reported
// as ever.
//
// `Mutex` (Synchronization, SE-0433). Without contention it is a compare-and-exchange in the program's own code, which the
// sanitizer sees. With contention the kernel hands it over (FUTEX_LOCK_PI), called from the library: what one thread wrote under
// the mutex then seems to race with the next one's reads.
//
// Copy on write. A thread that has read its copy of an array lets go of it: the reference count goes down, with release order.
// Who owns the array next finds that it is the only one, with acquire order, and changes it in place: a write that seems to race
// with the other thread's reads.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

static void acquire(void *address) {
    if (__tsan_acquire) __tsan_acquire(address);
}

static void release(void *address) {
    if (__tsan_release) __tsan_release(address);
}

static void *original(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) {
        fprintf(stderr, "Tests/Sanitizers/order.c: these libraries of Swift have no %s\n", name);
        abort();
    }
    return found;
}

// The function of this name that this library stands before.
#define NEXT(type, name)                                        \
    static type next;                                           \
    type function = __atomic_load_n(&next, __ATOMIC_RELAXED);   \
    if (function == NULL) {                                     \
        function = (type)original(name);                        \
        __atomic_store_n(&next, function, __ATOMIC_RELAXED);    \
    }

// Synchronization._MutexHandle._lockSlow(UInt32) and _unlockSlow(): methods, whose `self` is the address of the lock's word.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

typedef SWIFT void (*lock_function)(uint32_t thread, SELF);
typedef SWIFT void (*unlock_function)(SELF);

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void lock_slow(uint32_t thread, SELF) {
    NEXT(lock_function, LOCK)
    function(thread, self);
    acquire(self);
}

SWIFT void unlock_slow(SELF) __asm__(UNLOCK);
SWIFT void unlock_slow(SELF) {
    NEXT(unlock_function, UNLOCK)
    release(self);
    function(self);
}

// Values below 1 are no objects, but nothing, or small strings.
static bool is_object(void *object) { return (intptr_t)object > 0; }

typedef void (*release_function)(void *object);
typedef void (*release_n_function)(void *object, uint32_t count);
typedef bool (*unique_function)(const void *object);

void swift_release(void *object) {
    NEXT(release_function, "swift_release")
    if (is_object(object)) release(object);
    function(object);
}

void swift_release_n(void *object, uint32_t count) {
    NEXT(release_n_function, "swift_release_n")
    if (is_object(object)) release(object);
    function(object, count);
}

bool swift_isUniquelyReferenced_native(const void *object) {
    NEXT(unique_function, "swift_isUniquelyReferenced_native")
    bool unique = function(object);
    if (unique && is_object((void *)object)) acquire((void *)object);
    return unique;
}

bool swift_isUniquelyReferenced_nonNull_native(const void *object) {
    NEXT(unique_function, "swift_isUniquelyReferenced_nonNull_native")
    bool unique = function(object);
    if (unique) acquire((void *)object);
    return unique;
}
