/* What NVML says of the node, of its GPUs and of MIG devices. */
#include "simulation.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MEBIBYTE (1024ull * 1024ull)
/* NVML's number of the brand that the driver calls "Nvidia". */
#define BRAND_NVIDIA 14
#define VIRTUALIZATION_PASSTHROUGH 1

EXPORTED nvmlReturn_t nvmlInitWithFlags(unsigned int flags) {
  (void)flags;
  load_state();
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlInit_v2(void) { return nvmlInitWithFlags(0); }

EXPORTED nvmlReturn_t nvmlShutdown(void) { return NVML_SUCCESS; }

EXPORTED const char *nvmlErrorString(nvmlReturn_t result) {
  switch (result) {
  case NVML_SUCCESS:
    return "Success";
  case NVML_ERROR_INVALID_ARGUMENT:
    return "Invalid Argument";
  case NVML_ERROR_NOT_SUPPORTED:
    return "Not Supported";
  case NVML_ERROR_NOT_FOUND:
    return "Not Found";
  case NVML_ERROR_IN_USE:
    return "In use by another client";
  case NVML_ERROR_INSUFFICIENT_RESOURCES:
    return "Insufficient Resources";
  default:
    return "Unknown Error";
  }
}

EXPORTED nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length) {
  snprintf(version, length, "%s", node.driver_version);
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlSystemGetNVMLVersion(char *version, unsigned int length) {
  snprintf(version, length, "%d.%s", node.cuda_version / 1000, node.driver_version);
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlSystemGetCudaDriverVersion(int *version) {
  *version = node.cuda_version;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlSystemGetCudaDriverVersion_v2(int *version) { return nvmlSystemGetCudaDriverVersion(version); }

EXPORTED nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) {
  *count = node.gpu_count;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
  if (index >= node.gpu_count) {
    return NVML_ERROR_INVALID_ARGUMENT;
  }
  *device = gpu_handle(index);
  return NVML_SUCCESS;
}

/* UUIDs are a function of the place alone. */
static void write_uuid(char *uuid, unsigned int length, nvmlDevice_t device) {
  struct place place = place_of_device(device);
  const char *kind = is_mig(device) ? "MIG" : "GPU";
  snprintf(uuid, length, "%s-%08x-0000-4000-8000-%012x", kind, place.gpu + 1, is_mig(device) ? place.instance + 1 : 0);
}

EXPORTED nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned int length) {
  write_uuid(uuid, length, device);
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *device) {
  load_state();
  for (unsigned int gpu = 0; gpu < node.gpu_count; gpu++) {
    char own[64];
    write_uuid(own, sizeof own, gpu_handle(gpu));
    if (strcmp(own, uuid) == 0) {
      *device = gpu_handle(gpu);
      return NVML_SUCCESS;
    }
    for (unsigned int id = 0; id < MAX_INSTANCES; id++) {
      write_uuid(own, sizeof own, mig_handle(gpu, id));
      if (gpus[gpu].instances[id].has_compute_instance && strcmp(own, uuid) == 0) {
        *device = mig_handle(gpu, id);
        return NVML_SUCCESS;
      }
    }
  }
  return NVML_ERROR_NOT_FOUND;
}

EXPORTED nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t *pci) {
  const char *address = node.pci_addresses[place_of_device(device).gpu];
  memset(pci, 0, sizeof *pci);
  sscanf(address, "%x:%x:%x", &pci->domain, &pci->bus, &pci->device);
  pci->pciDeviceId = node.pci_device_id;
  snprintf(pci->busIdLegacy, sizeof pci->busIdLegacy, "%s", address);
  snprintf(pci->busId, sizeof pci->busId, "0000%s", address);
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetHandleByPciBusId_v2(const char *id, nvmlDevice_t *device) {
  for (unsigned int gpu = 0; gpu < node.gpu_count; gpu++) {
    nvmlPciInfo_t pci;
    nvmlDeviceGetPciInfo_v3(gpu_handle(gpu), &pci);
    if (strcasecmp(id, pci.busId) == 0 || strcasecmp(id, pci.busIdLegacy) == 0) {
      *device = gpu_handle(gpu);
      return NVML_SUCCESS;
    }
  }
  return NVML_ERROR_NOT_FOUND;
}

EXPORTED nvmlReturn_t nvmlDeviceGetMinorNumber(nvmlDevice_t device, unsigned int *minor) {
  *minor = place_of_device(device).gpu;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t device, unsigned int *index) {
  *index = place_of_device(device).gpu;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length) {
  if (is_mig(device)) {
    load_state();
    snprintf(name, length, "%s MIG %s", node.product_name, profile_of(place_of_device(device))->name);
  } else {
    snprintf(name, length, "%s", node.product_name);
  }
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetBrand(nvmlDevice_t device, int *brand) {
  (void)device;
  *brand = BRAND_NVIDIA;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetArchitecture(nvmlDevice_t device, unsigned int *architecture) {
  (void)device;
  *architecture = node.architecture;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t device, int *major, int *minor) {
  (void)device;
  *major = (int)node.capability_major;
  *minor = (int)node.capability_minor;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory) {
  (void)device;
  memory->total = node.memory_mib * MEBIBYTE;
  memory->used = 0;
  memory->free = memory->total;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t *memory) {
  (void)device;
  memory->total = node.memory_mib * MEBIBYTE;
  memory->reserved = 0;
  memory->used = 0;
  memory->free = memory->total;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetVirtualizationMode(nvmlDevice_t device, int *mode) {
  (void)device;
  *mode = VIRTUALIZATION_PASSTHROUGH;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetPersistenceMode(nvmlDevice_t device, int *mode) {
  (void)device;
  *mode = 0;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetAddressingMode(nvmlDevice_t device, nvmlDeviceAddressingMode_t *mode) {
  (void)device;
  if (node.addressing_mode < 0) {
    return NVML_ERROR_NOT_SUPPORTED;
  }
  mode->value = (unsigned int)node.addressing_mode;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetGpuFabricInfo(nvmlDevice_t device, void *info) {
  (void)device;
  (void)info;
  return NVML_ERROR_NOT_SUPPORTED;
}

EXPORTED nvmlReturn_t nvmlDeviceGetGpuFabricInfoV(nvmlDevice_t device, void *info) { return nvmlDeviceGetGpuFabricInfo(device, info); }

EXPORTED nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device, unsigned int *count, void *processes) {
  (void)device;
  (void)processes;
  *count = 0;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned int *current, unsigned int *pending) {
  load_state();
  *current = *pending = gpus[place_of_device(device).gpu].mig;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceSetMigMode(nvmlDevice_t device, unsigned int mode, nvmlReturn_t *activation) {
  load_state();
  struct gpu *gpu = &gpus[place_of_device(device).gpu];
  memset(gpu, 0, sizeof *gpu);
  gpu->mig = mode;
  store_state();
  *activation = NVML_SUCCESS;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceIsMigDeviceHandle(nvmlDevice_t device, unsigned int *answer) {
  *answer = (unsigned int)is_mig(device);
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t device, unsigned int *count) {
  load_state();
  *count = gpus[place_of_device(device).gpu].mig ? node.compute_slices : 0;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t device, unsigned int index, nvmlDevice_t *mig) {
  load_state();
  unsigned int gpu = place_of_device(device).gpu;
  for (unsigned int id = 0, found = 0; id < MAX_INSTANCES; id++) {
    if (gpus[gpu].instances[id].has_compute_instance && found++ == index) {
      *mig = mig_handle(gpu, id);
      return NVML_SUCCESS;
    }
  }
  return index < node.compute_slices ? NVML_ERROR_NOT_FOUND : NVML_ERROR_INVALID_ARGUMENT;
}

EXPORTED nvmlReturn_t nvmlDeviceGetDeviceHandleFromMigDeviceHandle(nvmlDevice_t mig, nvmlDevice_t *device) {
  if (!is_mig(mig)) {
    return NVML_ERROR_INVALID_ARGUMENT;
  }
  *device = gpu_handle(place_of_device(mig).gpu);
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetGpuInstanceId(nvmlDevice_t device, unsigned int *id) {
  *id = place_of_device(device).instance;
  return is_mig(device) ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED;
}

EXPORTED nvmlReturn_t nvmlDeviceGetComputeInstanceId(nvmlDevice_t device, unsigned int *id) {
  *id = 0;
  return is_mig(device) ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED;
}

EXPORTED nvmlReturn_t nvmlDeviceGetAttributes_v2(nvmlDevice_t device, nvmlDeviceAttributes_t *attributes) {
  load_state();
  if (!is_mig(device)) {
    return NVML_ERROR_NOT_SUPPORTED;
  }
  const struct profile *profile = profile_of(place_of_device(device));
  attributes->multiprocessorCount = profile->multiprocessors;
  attributes->sharedCopyEngineCount = profile->copy_engines;
  attributes->sharedDecoderCount = profile->decoders;
  attributes->sharedEncoderCount = profile->encoders;
  attributes->sharedJpegCount = profile->jpeg_engines;
  attributes->sharedOfaCount = profile->ofa_engines;
  attributes->gpuInstanceSliceCount = profile->compute_slices;
  attributes->computeInstanceSliceCount = profile->compute_slices;
  attributes->memorySizeMB = profile->memory_mib;
  return NVML_SUCCESS;
}
