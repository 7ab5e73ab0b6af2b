// SPDX-License-Identifier: Apache-2.0

#include "martlet_opencl.h"

#include <dlfcn.h>
#include <stdio.h>

struct entry {
    size_t offset;
    const char *name;
};

#define ENTRY(field, name) {offsetof(struct martlet_opencl, field), name}

int martlet_opencl_load(const char *path, struct martlet_opencl *table, char *reason, size_t size) {
    static const struct entry entries[] = {
        ENTRY(getPlatformIDs, "clGetPlatformIDs"),
        ENTRY(getPlatformInfo, "clGetPlatformInfo"),
        ENTRY(getDeviceIDs, "clGetDeviceIDs"),
        ENTRY(getDeviceInfo, "clGetDeviceInfo"),
        ENTRY(createSubDevices, "clCreateSubDevices"),
        ENTRY(createSubBuffer, "clCreateSubBuffer"),
        ENTRY(createContext, "clCreateContext"),
        ENTRY(releaseContext, "clReleaseContext"),
        ENTRY(createCommandQueue, "clCreateCommandQueue"),
        ENTRY(releaseCommandQueue, "clReleaseCommandQueue"),
        ENTRY(createBuffer, "clCreateBuffer"),
        ENTRY(releaseMemObject, "clReleaseMemObject"),
        ENTRY(createProgramWithSource, "clCreateProgramWithSource"),
        ENTRY(createProgramWithBinary, "clCreateProgramWithBinary"),
        ENTRY(buildProgram, "clBuildProgram"),
        ENTRY(getProgramInfo, "clGetProgramInfo"),
        ENTRY(getProgramBuildInfo, "clGetProgramBuildInfo"),
        ENTRY(releaseProgram, "clReleaseProgram"),
        ENTRY(createKernel, "clCreateKernel"),
        ENTRY(setKernelArg, "clSetKernelArg"),
        ENTRY(releaseKernel, "clReleaseKernel"),
        ENTRY(enqueueNDRangeKernel, "clEnqueueNDRangeKernel"),
        ENTRY(enqueueReadBuffer, "clEnqueueReadBuffer"),
        ENTRY(enqueueWriteBuffer, "clEnqueueWriteBuffer"),
        ENTRY(enqueueFillBuffer, "clEnqueueFillBuffer"),
        ENTRY(enqueueMapBuffer, "clEnqueueMapBuffer"),
        ENTRY(enqueueUnmapMemObject, "clEnqueueUnmapMemObject"),
        ENTRY(enqueueBarrierWithWaitList, "clEnqueueBarrierWithWaitList"),
        ENTRY(waitForEvents, "clWaitForEvents"),
        ENTRY(getEventProfilingInfo, "clGetEventProfilingInfo"),
        ENTRY(releaseEvent, "clReleaseEvent"),
        ENTRY(flush, "clFlush"),
        ENTRY(finish, "clFinish"),
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
            snprintf(reason, size, "%s has no %s: OpenCL 1.2 is needed", path, entries[i].name);
            dlclose(library);
            return -1;
        }
        *(void **)((char *)table + entries[i].offset) = address;
    }
    return 0;
}
