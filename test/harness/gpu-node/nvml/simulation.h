/* The simulated node: what its GPUs are, and what they are divided into. */
#ifndef SIMULATED_NVML_SIMULATION_H
#define SIMULATED_NVML_SIMULATION_H

#include "interface.h"

#define MAX_GPUS 16
#define MAX_PROFILES 16
#define MAX_STARTS 16
#define MAX_INSTANCES 16

/* A GPU instance profile. `index` is its number in NVML's list of profiles, `id` the one that nvidia-smi shows. */
struct profile {
  const char *name;
  unsigned int index, id, compute_slices, memory_slices, max_instances, multiprocessors;
  unsigned int copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
  unsigned long long memory_mib;
  unsigned int start_count;
  unsigned int starts[MAX_STARTS];
};

struct node {
  const char *product_name, *driver_version;
  int cuda_version;
  unsigned int architecture, capability_major, capability_minor, pci_device_id, compute_slices, memory_slices;
  unsigned long long memory_mib;
  unsigned int gpu_count;
  const char *pci_addresses[MAX_GPUS];
  unsigned int profile_count;
  struct profile profiles[MAX_PROFILES];
  /* What NVML says of memory addressing; -1: not supported. */
  int addressing_mode;
};

/* Generated from the project's catalogue. */
extern const struct node node;

/* A GPU instance, with the one compute instance that fills it. */
struct gpu_instance {
  int exists, has_compute_instance;
  unsigned int profile; /* in node.profiles */
  unsigned int start;
  /* Whether a process has it open, so that it cannot be destroyed. */
  int in_use;
};

struct gpu {
  unsigned int mig;
  struct gpu_instance instances[MAX_INSTANCES];
};

extern struct gpu gpus[MAX_GPUS];

/* The state is a file, so that processes see the same GPUs. Whoever reads loads it first, whoever changes it stores it. */
void load_state(void);
void store_state(void);

/* Handles of GPUs, GPU instances, compute instances and MIG devices. Each has a byte of its own in a table. */
nvmlDevice_t gpu_handle(unsigned int gpu);
nvmlDevice_t mig_handle(unsigned int gpu, unsigned int instance);
nvmlGpuInstance_t gpu_instance_handle(unsigned int gpu, unsigned int instance);
nvmlComputeInstance_t compute_instance_handle(unsigned int gpu, unsigned int instance);

struct place {
  unsigned int gpu, instance;
};

int is_mig(nvmlDevice_t device);
/* Of a GPU or of a MIG device on it. */
struct place place_of_device(nvmlDevice_t device);
struct place place_of_gpu_instance(nvmlGpuInstance_t instance);
struct place place_of_compute_instance(nvmlComputeInstance_t instance);

/* NULL: there is none. */
const struct profile *profile_by_id(unsigned int id);
const struct profile *profile_by_index(unsigned int index);
const struct profile *profile_of(struct place place);

#endif
