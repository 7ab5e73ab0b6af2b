// SPDX-License-Identifier: Apache-2.0

#include "martlet_opencl.h"

#include "martlet_dynamic_library.h"

#define ENTRY(field, name) MARTLET_LIBRARY_FUNCTION(martlet_opencl, field, name)

int martlet_opencl_load(const char *path, struct martlet_opencl *table) {
    static const struct martlet_library_function functions[] = {
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
    return martlet_library_load(path, functions, sizeof functions / sizeof *functions, table);
}
