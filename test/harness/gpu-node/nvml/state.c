/* The state of the simulated GPUs, and the handles that stand for them. */
#include "simulation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gpu gpus[MAX_GPUS];

static char gpu_handles[MAX_GPUS];
static char mig_handles[MAX_GPUS * MAX_INSTANCES];
static char gpu_instance_handles[MAX_GPUS * MAX_INSTANCES];
static char compute_instance_handles[MAX_GPUS * MAX_INSTANCES];

static const char *state_file(void) {
  const char *path = getenv("SIMULATED_NVML_STATE");
  if (path == NULL) {
    fputs("SIMULATED_NVML_STATE names no file\n", stderr);
    exit(1);
  }
  return path;
}

/* Lines of `mig GPU MODE` and `instance GPU ID PROFILE_ID START COMPUTE_INSTANCE IN_USE`. */
void load_state(void) {
  memset(gpus, 0, sizeof gpus);
  FILE *file = fopen(state_file(), "r");
  if (file == NULL) {
    return;
  }
  char line[128];
  while (fgets(line, sizeof line, file) != NULL) {
    unsigned int gpu, mode, id, profile_id, start, compute, in_use;
    if (sscanf(line, "mig %u %u", &gpu, &mode) == 2 && gpu < node.gpu_count) {
      gpus[gpu].mig = mode;
    } else if (sscanf(line, "instance %u %u %u %u %u %u", &gpu, &id, &profile_id, &start, &compute, &in_use) == 6 && gpu < node.gpu_count &&
               id < MAX_INSTANCES) {
      const struct profile *profile = profile_by_id(profile_id);
      if (profile != NULL) {
        struct gpu_instance instance = {1, compute != 0, (unsigned int)(profile - node.profiles), start, in_use != 0};
        gpus[gpu].instances[id] = instance;
      }
    }
  }
  fclose(file);
}

void store_state(void) {
  FILE *file = fopen(state_file(), "w");
  if (file == NULL) {
    return;
  }
  for (unsigned int gpu = 0; gpu < node.gpu_count; gpu++) {
    fprintf(file, "mig %u %u\n", gpu, gpus[gpu].mig);
    for (unsigned int id = 0; id < MAX_INSTANCES; id++) {
      const struct gpu_instance *instance = &gpus[gpu].instances[id];
      if (instance->exists) {
        unsigned int profile_id = node.profiles[instance->profile].id;
        fprintf(file, "instance %u %u %u %u %d %d\n", gpu, id, profile_id, instance->start, instance->has_compute_instance, instance->in_use);
      }
    }
  }
  fclose(file);
}

nvmlDevice_t gpu_handle(unsigned int gpu) { return (nvmlDevice_t)&gpu_handles[gpu]; }

nvmlDevice_t mig_handle(unsigned int gpu, unsigned int instance) {
  return (nvmlDevice_t)&mig_handles[gpu * MAX_INSTANCES + instance];
}

nvmlGpuInstance_t gpu_instance_handle(unsigned int gpu, unsigned int instance) {
  return (nvmlGpuInstance_t)&gpu_instance_handles[gpu * MAX_INSTANCES + instance];
}

nvmlComputeInstance_t compute_instance_handle(unsigned int gpu, unsigned int instance) {
  return (nvmlComputeInstance_t)&compute_instance_handles[gpu * MAX_INSTANCES + instance];
}

int is_mig(nvmlDevice_t device) {
  const char *handle = (const char *)device;
  return handle >= mig_handles && handle < mig_handles + sizeof mig_handles;
}

static struct place place_at(long offset) {
  struct place place = {(unsigned int)(offset / MAX_INSTANCES), (unsigned int)(offset % MAX_INSTANCES)};
  return place;
}

struct place place_of_device(nvmlDevice_t device) {
  if (is_mig(device)) {
    return place_at((const char *)device - mig_handles);
  }
  struct place place = {(unsigned int)((const char *)device - gpu_handles), 0};
  return place;
}

struct place place_of_gpu_instance(nvmlGpuInstance_t instance) {
  return place_at((const char *)instance - gpu_instance_handles);
}

struct place place_of_compute_instance(nvmlComputeInstance_t instance) {
  return place_at((const char *)instance - compute_instance_handles);
}

const struct profile *profile_by_id(unsigned int id) {
  for (unsigned int at = 0; at < node.profile_count; at++) {
    if (node.profiles[at].id == id) {
      return &node.profiles[at];
    }
  }
  return NULL;
}

const struct profile *profile_by_index(unsigned int index) {
  for (unsigned int at = 0; at < node.profile_count; at++) {
    if (node.profiles[at].index == index) {
      return &node.profiles[at];
    }
  }
  return NULL;
}

const struct profile *profile_of(struct place place) { return &node.profiles[gpus[place.gpu].instances[place.instance].profile]; }
