// SPDX-License-Identifier: Apache-2.0

// OpenCL 1.2, as far as Martlet uses it, loaded at run time: nothing of OpenCL is needed to build or to start the program.
//
// Types and values are those of the Khronos OpenCL 1.2 specification (chapters 4 and 5); handles are opaque.

#ifndef MARTLET_OPENCL_H
#define MARTLET_OPENCL_H

#include <stddef.h>
#include <stdint.h>

typedef int32_t cl_int;
typedef uint32_t cl_uint;
typedef uint64_t cl_ulong;
typedef cl_uint cl_bool;
typedef cl_ulong cl_bitfield;

typedef struct _cl_platform_id *cl_platform_id;
typedef struct _cl_device_id *cl_device_id;
typedef struct _cl_context *cl_context;
typedef struct _cl_command_queue *cl_command_queue;
typedef struct _cl_mem *cl_mem;
typedef struct _cl_program *cl_program;
typedef struct _cl_kernel *cl_kernel;
typedef struct _cl_event *cl_event;

typedef struct {
    size_t origin, size;
} cl_buffer_region;

enum {
    CL_SUCCESS = 0,
    CL_DEVICE_NOT_AVAILABLE = -2,
    CL_MEM_OBJECT_ALLOCATION_FAILURE = -4,
    CL_OUT_OF_HOST_MEMORY = -6,
    CL_BUILD_PROGRAM_FAILURE = -11,
    CL_INVALID_VALUE = -30,
};

enum {
    CL_PLATFORM_VERSION = 0x0901,
    CL_PLATFORM_NAME = 0x0902,
};

#define CL_DEVICE_TYPE_ALL 0xFFFFFFFFu
enum {
    CL_DEVICE_TYPE_CPU = 1 << 1,
    CL_DEVICE_TYPE_GPU = 1 << 2,
    CL_DEVICE_TYPE_ACCELERATOR = 1 << 3,
};

enum {
    CL_DEVICE_TYPE = 0x1000,
    CL_DEVICE_MAX_COMPUTE_UNITS = 0x1002,
    CL_DEVICE_MAX_WORK_GROUP_SIZE = 0x1004,
    CL_DEVICE_MAX_CLOCK_FREQUENCY = 0x100C,
    CL_DEVICE_MAX_MEM_ALLOC_SIZE = 0x1010,
    CL_DEVICE_GLOBAL_MEM_SIZE = 0x101F,
    CL_DEVICE_LOCAL_MEM_SIZE = 0x1023,
    CL_DEVICE_ENDIAN_LITTLE = 0x1026,
    CL_DEVICE_AVAILABLE = 0x1027,
    CL_DEVICE_COMPILER_AVAILABLE = 0x1028,
    CL_DEVICE_NAME = 0x102B,
    CL_DEVICE_VENDOR = 0x102C,
    CL_DRIVER_VERSION = 0x102D,
    CL_DEVICE_VERSION = 0x102F,
    CL_DEVICE_EXTENSIONS = 0x1030,
};

enum {
    CL_QUEUE_PROFILING_ENABLE = 1 << 1,
    CL_MEM_READ_WRITE = 1 << 0,
    CL_MEM_ALLOC_HOST_PTR = 1 << 4,
    CL_MAP_READ = 1 << 0,
    CL_MAP_WRITE = 1 << 1,
    CL_PROGRAM_BINARY_SIZES = 0x1165,
    CL_PROGRAM_BINARIES = 0x1166,
    CL_PROGRAM_BUILD_LOG = 0x1183,
    CL_PROFILING_COMMAND_START = 0x1282,
    CL_PROFILING_COMMAND_END = 0x1283,
    CL_DEVICE_PARTITION_EQUALLY = 0x1086,
    CL_BUFFER_CREATE_TYPE_REGION = 0x1220,
};

/// The functions in use, all present once loading has succeeded.
struct martlet_opencl {
    cl_int (*getPlatformIDs)(cl_uint, cl_platform_id *, cl_uint *);
    cl_int (*getPlatformInfo)(cl_platform_id, cl_uint, size_t, void *, size_t *);
    cl_int (*getDeviceIDs)(cl_platform_id, cl_bitfield, cl_uint, cl_device_id *, cl_uint *);
    cl_int (*getDeviceInfo)(cl_device_id, cl_uint, size_t, void *, size_t *);
    cl_int (*createSubDevices)(cl_device_id, const intptr_t *, cl_uint, cl_device_id *, cl_uint *);
    cl_context (*createContext)(const intptr_t *, cl_uint, const cl_device_id *,
                                void (*)(const char *, const void *, size_t, void *), void *, cl_int *);
    cl_int (*releaseContext)(cl_context);
    cl_command_queue (*createCommandQueue)(cl_context, cl_device_id, cl_bitfield, cl_int *);
    cl_int (*releaseCommandQueue)(cl_command_queue);
    cl_mem (*createBuffer)(cl_context, cl_bitfield, size_t, void *, cl_int *);
    cl_mem (*createSubBuffer)(cl_mem, cl_bitfield, cl_uint, const void *, cl_int *);
    cl_int (*releaseMemObject)(cl_mem);
    cl_program (*createProgramWithSource)(cl_context, cl_uint, const char **, const size_t *, cl_int *);
    cl_program (*createProgramWithBinary)(cl_context, cl_uint, const cl_device_id *, const size_t *,
                                          const unsigned char **, cl_int *, cl_int *);
    cl_int (*buildProgram)(cl_program, cl_uint, const cl_device_id *, const char *, void (*)(cl_program, void *),
                           void *);
    cl_int (*getProgramInfo)(cl_program, cl_uint, size_t, void *, size_t *);
    cl_int (*getProgramBuildInfo)(cl_program, cl_device_id, cl_uint, size_t, void *, size_t *);
    cl_int (*releaseProgram)(cl_program);
    cl_kernel (*createKernel)(cl_program, const char *, cl_int *);
    cl_int (*setKernelArg)(cl_kernel, cl_uint, size_t, const void *);
    cl_int (*releaseKernel)(cl_kernel);
    cl_int (*enqueueNDRangeKernel)(cl_command_queue, cl_kernel, cl_uint, const size_t *, const size_t *, const size_t *,
                                   cl_uint, const cl_event *, cl_event *);
    cl_int (*enqueueReadBuffer)(cl_command_queue, cl_mem, cl_bool, size_t, size_t, void *, cl_uint, const cl_event *,
                                cl_event *);
    cl_int (*enqueueWriteBuffer)(cl_command_queue, cl_mem, cl_bool, size_t, size_t, const void *, cl_uint,
                                 const cl_event *, cl_event *);
    cl_int (*enqueueFillBuffer)(cl_command_queue, cl_mem, const void *, size_t, size_t, size_t, cl_uint,
                                const cl_event *, cl_event *);
    void *(*enqueueMapBuffer)(cl_command_queue, cl_mem, cl_bool, cl_bitfield, size_t, size_t, cl_uint,
                              const cl_event *, cl_event *, cl_int *);
    cl_int (*enqueueUnmapMemObject)(cl_command_queue, cl_mem, void *, cl_uint, const cl_event *, cl_event *);
    cl_int (*enqueueBarrierWithWaitList)(cl_command_queue, cl_uint, const cl_event *, cl_event *);
    cl_int (*waitForEvents)(cl_uint, const cl_event *);
    cl_int (*getEventProfilingInfo)(cl_event, cl_uint, size_t, void *, size_t *);
    cl_int (*releaseEvent)(cl_event);
    cl_int (*flush)(cl_command_queue);
    cl_int (*finish)(cl_command_queue);
};

/// Loads the library `path`, such as "libOpenCL.so.1", and fills `table`. It is never unloaded.
///
/// Returns 0, or -1 where there is no such library or a function is not in it.
int martlet_opencl_load(const char *path, struct martlet_opencl *table);

#endif
