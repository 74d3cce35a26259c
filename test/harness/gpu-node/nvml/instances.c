/* GPU instances and compute instances: what there can be, what there is, and how they are made and removed. */
#include "simulation.h"

#include <stdio.h>
#include <string.h>

EXPORTED nvmlReturn_t nvmlDeviceGetGpuInstanceProfileInfo(nvmlDevice_t device, unsigned int index, nvmlGpuInstanceProfileInfo_t *info) {
  (void)device;
  const struct profile *profile = profile_by_index(index);
  if (profile == NULL) {
    return NVML_ERROR_NOT_SUPPORTED;
  }
  memset(info, 0, sizeof *info);
  info->id = profile->id;
  info->sliceCount = profile->compute_slices;
  info->instanceCount = profile->max_instances;
  info->multiprocessorCount = profile->multiprocessors;
  info->copyEngineCount = profile->copy_engines;
  info->decoderCount = profile->decoders;
  info->encoderCount = profile->encoders;
  info->jpegCount = profile->jpeg_engines;
  info->ofaCount = profile->ofa_engines;
  info->memorySizeMB = profile->memory_mib;
  return NVML_SUCCESS;
}

/* The caller says by the version which of two layouts it wants. */
EXPORTED nvmlReturn_t nvmlDeviceGetGpuInstanceProfileInfoV(nvmlDevice_t device, unsigned int index, void *answer) {
  nvmlGpuInstanceProfileInfo_t plain;
  nvmlReturn_t result = nvmlDeviceGetGpuInstanceProfileInfo(device, index, &plain);
  if (result != NVML_SUCCESS) {
    return result;
  }
  unsigned int version = *(unsigned int *)answer;
  char name[96];
  snprintf(name, sizeof name, "MIG %s", profile_by_index(index)->name);
  if (version == PROFILE_INFO_V3) {
    nvmlGpuInstanceProfileInfo_v3_t info = {
        version, plain.id, plain.sliceCount, plain.instanceCount, plain.multiprocessorCount, plain.copyEngineCount, plain.decoderCount,
        plain.encoderCount, plain.jpegCount, plain.ofaCount, plain.memorySizeMB, "", 0};
    memcpy(info.name, name, sizeof name);
    memcpy(answer, &info, sizeof info);
  } else {
    nvmlGpuInstanceProfileInfo_v2_t info = {
        version, plain.id, 0, plain.sliceCount, plain.instanceCount, plain.multiprocessorCount, plain.copyEngineCount, plain.decoderCount,
        plain.encoderCount, plain.jpegCount, plain.ofaCount, plain.memorySizeMB, ""};
    memcpy(info.name, name, sizeof name);
    memcpy(answer, &info, sizeof info);
  }
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetGpuInstancePossiblePlacements_v2(nvmlDevice_t device, unsigned int id, nvmlPlacement_t *placements,
                                                                    unsigned int *count) {
  (void)device;
  const struct profile *profile = profile_by_id(id);
  if (profile == NULL) {
    return NVML_ERROR_INVALID_ARGUMENT;
  }
  for (unsigned int at = 0; placements != NULL && at < profile->start_count; at++) {
    placements[at].start = profile->starts[at];
    placements[at].size = profile->memory_slices;
  }
  *count = profile->start_count;
  return NVML_SUCCESS;
}

static unsigned int slices_at(const struct profile *profile, unsigned int start) {
  return ((1u << profile->memory_slices) - 1) << start;
}

static unsigned int taken_slices(const struct gpu *gpu) {
  unsigned int taken = 0;
  for (unsigned int id = 0; id < MAX_INSTANCES; id++) {
    if (gpu->instances[id].exists) {
      taken |= slices_at(&node.profiles[gpu->instances[id].profile], gpu->instances[id].start);
    }
  }
  return taken;
}

static int fits(const struct gpu *gpu, const struct profile *profile, unsigned int start) {
  unsigned int compute_slices = profile->compute_slices, same = 1;
  for (unsigned int id = 0; id < MAX_INSTANCES; id++) {
    if (gpu->instances[id].exists) {
      const struct profile *other = &node.profiles[gpu->instances[id].profile];
      compute_slices += other->compute_slices;
      same += other == profile;
    }
  }
  return (slices_at(profile, start) & taken_slices(gpu)) == 0 && compute_slices <= node.compute_slices && same <= profile->max_instances;
}

static int has_start(const struct profile *profile, unsigned int start) {
  for (unsigned int at = 0; at < profile->start_count; at++) {
    if (profile->starts[at] == start) {
      return 1;
    }
  }
  return 0;
}

EXPORTED nvmlReturn_t nvmlDeviceGetGpuInstanceRemainingCapacity(nvmlDevice_t device, unsigned int id, unsigned int *count) {
  load_state();
  const struct profile *profile = profile_by_id(id);
  if (profile == NULL) {
    return NVML_ERROR_INVALID_ARGUMENT;
  }
  *count = 0;
  for (unsigned int at = 0; at < profile->start_count; at++) {
    *count += (unsigned int)fits(&gpus[place_of_device(device).gpu], profile, profile->starts[at]);
  }
  return NVML_SUCCESS;
}

/* NVML numbers instances by size: the whole GPU is 0, the halves are 1 and 2, the quarters 3 to 6, the eighths come from 7 on. */
static unsigned int first_id(const struct profile *profile) { return node.memory_slices / profile->memory_slices - 1; }

EXPORTED nvmlReturn_t nvmlDeviceCreateGpuInstanceWithPlacement(nvmlDevice_t device, unsigned int profile_id,
                                                               const nvmlPlacement_t *placement, nvmlGpuInstance_t *instance) {
  load_state();
  struct place place = place_of_device(device);
  struct gpu *gpu = &gpus[place.gpu];
  const struct profile *profile = profile_by_id(profile_id);
  if (profile == NULL || !has_start(profile, placement->start)) {
    return NVML_ERROR_INVALID_ARGUMENT;
  }
  if (!gpu->mig) {
    return NVML_ERROR_NOT_SUPPORTED;
  }
  if (!fits(gpu, profile, placement->start)) {
    return NVML_ERROR_INSUFFICIENT_RESOURCES;
  }
  unsigned int id = first_id(profile);
  while (id < MAX_INSTANCES && gpu->instances[id].exists) {
    id++;
  }
  if (id == MAX_INSTANCES) {
    return NVML_ERROR_INSUFFICIENT_RESOURCES;
  }
  struct gpu_instance made = {1, 0, (unsigned int)(profile - node.profiles), placement->start, 0};
  gpu->instances[id] = made;
  store_state();
  *instance = gpu_instance_handle(place.gpu, id);
  return NVML_SUCCESS;
}

/* Placements, of any profile, that still fit beside these slices. */
static unsigned int flexibility(unsigned int taken) {
  unsigned int count = 0;
  for (unsigned int at = 0; at < node.profile_count; at++) {
    const struct profile *profile = &node.profiles[at];
    for (unsigned int start = 0; start < profile->start_count; start++) {
      count += (slices_at(profile, profile->starts[start]) & taken) == 0;
    }
  }
  return count;
}

/*
 * Without a placement the instance goes where it leaves the most placements for later ones. NVIDIA does not document the rule; the project's solver has the same one,
 * so this cannot verify it.
 */
EXPORTED nvmlReturn_t nvmlDeviceCreateGpuInstance(nvmlDevice_t device, unsigned int profile_id, nvmlGpuInstance_t *instance) {
  load_state();
  const struct gpu *gpu = &gpus[place_of_device(device).gpu];
  const struct profile *profile = profile_by_id(profile_id);
  if (profile == NULL) {
    return NVML_ERROR_INVALID_ARGUMENT;
  }
  nvmlPlacement_t best = {0, 0};
  int most = -1;
  for (unsigned int at = 0; at < profile->start_count; at++) {
    unsigned int start = profile->starts[at];
    int left = (int)flexibility(taken_slices(gpu) | slices_at(profile, start));
    if (fits(gpu, profile, start) && left > most) {
      most = left;
      best.start = start;
      best.size = profile->memory_slices;
    }
  }
  return most < 0 ? NVML_ERROR_INSUFFICIENT_RESOURCES : nvmlDeviceCreateGpuInstanceWithPlacement(device, profile_id, &best, instance);
}

EXPORTED nvmlReturn_t nvmlDeviceGetGpuInstances(nvmlDevice_t device, unsigned int profile_id, nvmlGpuInstance_t *instances,
                                                unsigned int *count) {
  load_state();
  unsigned int gpu = place_of_device(device).gpu;
  const struct profile *profile = profile_by_id(profile_id);
  if (profile == NULL) {
    return NVML_ERROR_INVALID_ARGUMENT;
  }
  *count = 0;
  for (unsigned int id = 0; id < MAX_INSTANCES; id++) {
    if (gpus[gpu].instances[id].exists && &node.profiles[gpus[gpu].instances[id].profile] == profile) {
      instances[(*count)++] = gpu_instance_handle(gpu, id);
    }
  }
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetGpuInstanceById(nvmlDevice_t device, unsigned int id, nvmlGpuInstance_t *instance) {
  load_state();
  unsigned int gpu = place_of_device(device).gpu;
  if (id >= MAX_INSTANCES || !gpus[gpu].instances[id].exists) {
    return NVML_ERROR_NOT_FOUND;
  }
  *instance = gpu_instance_handle(gpu, id);
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlGpuInstanceDestroy(nvmlGpuInstance_t instance) {
  load_state();
  struct place place = place_of_gpu_instance(instance);
  struct gpu_instance *found = &gpus[place.gpu].instances[place.instance];
  if (found->has_compute_instance) {
    return NVML_ERROR_IN_USE;
  }
  memset(found, 0, sizeof *found);
  store_state();
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlGpuInstanceGetInfo(nvmlGpuInstance_t instance, nvmlGpuInstanceInfo_t *info) {
  load_state();
  struct place place = place_of_gpu_instance(instance);
  const struct profile *profile = profile_of(place);
  memset(info, 0, sizeof *info);
  info->device = gpu_handle(place.gpu);
  info->id = place.instance;
  info->profileId = profile->id;
  info->placement.start = gpus[place.gpu].instances[place.instance].start;
  info->placement.size = profile->memory_slices;
  return NVML_SUCCESS;
}

/* Compute slices of NVML's compute instance profiles, by number. */
static const unsigned int COMPUTE_PROFILES[] = {1, 2, 3, 4, 7, 8, 6};

/* Of the profiles of compute instances there is the one that fills the GPU instance. */
static int fills(const struct profile *profile, unsigned int compute_profile) {
  return compute_profile < sizeof COMPUTE_PROFILES / sizeof *COMPUTE_PROFILES && COMPUTE_PROFILES[compute_profile] == profile->compute_slices;
}

static unsigned int filling_profile(const struct profile *profile) {
  unsigned int number = 0;
  while (!fills(profile, number)) {
    number++;
  }
  return number;
}

EXPORTED nvmlReturn_t nvmlGpuInstanceGetComputeInstanceProfileInfo(nvmlGpuInstance_t instance, unsigned int compute_profile,
                                                                   unsigned int engine_profile, nvmlComputeInstanceProfileInfo_t *info) {
  load_state();
  const struct profile *profile = profile_of(place_of_gpu_instance(instance));
  if (engine_profile != 0 || !fills(profile, compute_profile)) {
    return NVML_ERROR_NOT_SUPPORTED;
  }
  memset(info, 0, sizeof *info);
  info->id = compute_profile;
  info->sliceCount = profile->compute_slices;
  info->instanceCount = 1;
  info->multiprocessorCount = profile->multiprocessors;
  info->sharedCopyEngineCount = profile->copy_engines;
  info->sharedDecoderCount = profile->decoders;
  info->sharedEncoderCount = profile->encoders;
  info->sharedJpegCount = profile->jpeg_engines;
  info->sharedOfaCount = profile->ofa_engines;
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlGpuInstanceCreateComputeInstance(nvmlGpuInstance_t instance, unsigned int compute_profile,
                                                           nvmlComputeInstance_t *made) {
  load_state();
  struct place place = place_of_gpu_instance(instance);
  struct gpu_instance *found = &gpus[place.gpu].instances[place.instance];
  if (!fills(profile_of(place), compute_profile)) {
    return NVML_ERROR_INVALID_ARGUMENT;
  }
  if (found->has_compute_instance) {
    return NVML_ERROR_INSUFFICIENT_RESOURCES;
  }
  found->has_compute_instance = 1;
  store_state();
  *made = compute_instance_handle(place.gpu, place.instance);
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlGpuInstanceGetComputeInstances(nvmlGpuInstance_t instance, unsigned int compute_profile,
                                                         nvmlComputeInstance_t *instances, unsigned int *count) {
  load_state();
  struct place place = place_of_gpu_instance(instance);
  *count = 0;
  if (gpus[place.gpu].instances[place.instance].has_compute_instance && fills(profile_of(place), compute_profile)) {
    instances[(*count)++] = compute_instance_handle(place.gpu, place.instance);
  }
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlGpuInstanceGetComputeInstanceById(nvmlGpuInstance_t instance, unsigned int id, nvmlComputeInstance_t *found) {
  load_state();
  struct place place = place_of_gpu_instance(instance);
  if (id != 0 || !gpus[place.gpu].instances[place.instance].has_compute_instance) {
    return NVML_ERROR_NOT_FOUND;
  }
  *found = compute_instance_handle(place.gpu, place.instance);
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlComputeInstanceDestroy(nvmlComputeInstance_t instance) {
  load_state();
  struct place place = place_of_compute_instance(instance);
  if (gpus[place.gpu].instances[place.instance].in_use) {
    return NVML_ERROR_IN_USE;
  }
  gpus[place.gpu].instances[place.instance].has_compute_instance = 0;
  store_state();
  return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlComputeInstanceGetInfo_v2(nvmlComputeInstance_t instance, nvmlComputeInstanceInfo_t *info) {
  load_state();
  struct place place = place_of_compute_instance(instance);
  const struct profile *profile = profile_of(place);
  memset(info, 0, sizeof *info);
  info->device = gpu_handle(place.gpu);
  info->gpuInstance = gpu_instance_handle(place.gpu, place.instance);
  info->profileId = filling_profile(profile);
  info->placement.size = profile->compute_slices;
  return NVML_SUCCESS;
}
