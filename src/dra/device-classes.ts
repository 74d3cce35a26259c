/** A DeviceClass of `resource.k8s.io/v1`, reduced to what decides which devices it names. */
export interface DeviceClass {
  readonly name: string;
  /** CEL expressions (`spec.selectors[].cel.expression`). A device belongs to the class when all of them match; with none, every device of every driver does. */
  readonly selectors: readonly string[];
}

/**
 * The two classes that the chart of NVIDIA's DRA driver creates with `resources.gpus.enabled` in 25.8.1, 25.12.0 and 0.4.1 alike. From 25.12 on there is a third,
 * `vfio.gpu.nvidia.com`: nobody may claim devices that are passed through, so its selectors need not be known.
 * Source: kubernetes-sigs/dra-driver-nvidia-gpu v25.8.1, `templates/deviceclass-gpu.yaml` and `deviceclass-mig.yaml`.
 */
export const VENDOR_DEVICE_CLASSES: readonly DeviceClass[] = [
  { name: "gpu.nvidia.com", selectors: ["device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'gpu'"] },
  { name: "mig.nvidia.com", selectors: ["device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'mig'"] },
];
