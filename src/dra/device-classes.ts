import { draDriverPublication } from "../releases/dra-driver-lines";
import type { DraDriver } from "../releases/dra-driver-lines";

/** A DeviceClass of `resource.k8s.io/v1`, reduced to what decides which devices it names. */
export interface DeviceClass {
  readonly name: string;
  /** CEL expressions (`spec.selectors[].cel.expression`). A device belongs to the class when all of them match; with none, every device of every driver does. */
  readonly selectors: readonly string[];
  /** A resource by which pods get its devices without a claim of their own, where DRAExtendedResource is on. @default none */
  readonly extendedResourceName?: string;
}

/** By this prefix and its name, pods ask for the devices of any class (Kubernetes, staging/src/k8s.io/api/resource/v1/types.go, `ResourceDeviceClassPrefix`). */
export const DEVICE_CLASS_RESOURCE_PREFIX = "deviceclass.resource.kubernetes.io/";

/** The class whose devices a pod gets that asks for this resource; undefined for all other resources. */
export function classOfResource(resource: string, classes: Iterable<DeviceClass>): DeviceClass | undefined {
  return [...classes].find(
    ({ name, extendedResourceName }) => resource === extendedResourceName || resource === `${DEVICE_CLASS_RESOURCE_PREFIX}${name}`,
  );
}

/**
 * The classes of GPUs and their slices, which the chart of NVIDIA's DRA driver creates with `resources.gpus.enabled` in every version.
 * From 0.4.0 on, pods that ask for `nvidia.com/gpu` get whole GPUs by the first one, where Kubernetes has that feature.
 * Source: kubernetes-sigs/dra-driver-nvidia-gpu v25.8.1, v25.12.0 and v0.4.1, `templates/deviceclass-gpu.yaml` and `deviceclass-mig.yaml`.
 */
export const VENDOR_DEVICE_CLASSES: readonly DeviceClass[] = [
  {
    name: "gpu.nvidia.com",
    selectors: ["device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'gpu'"],
    extendedResourceName: "nvidia.com/gpu",
  },
  { name: "mig.nvidia.com", selectors: ["device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'mig'"] },
];

/**
 * The class of GPUs that are passed through to virtual machines. The driver publishes such devices with a feature gate only, and nobody may claim them.
 * Source: kubernetes-sigs/dra-driver-nvidia-gpu v25.12.0 and v0.4.1, `templates/deviceclass-vfio-gpu.yaml`.
 */
export const PASSTHROUGH_DEVICE_CLASS: DeviceClass = {
  name: "vfio.gpu.nvidia.com",
  selectors: ["device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'vfio'"],
};

/** All that the chart of a driver creates for GPUs. */
export function draDriverClasses({ line }: DraDriver): readonly DeviceClass[] {
  return draDriverPublication(line).hasPassthroughClass ? [...VENDOR_DEVICE_CLASSES, PASSTHROUGH_DEVICE_CLASS] : VENDOR_DEVICE_CLASSES;
}
