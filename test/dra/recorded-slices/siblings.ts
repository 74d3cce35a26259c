/** Ways to mean a whole GPU, or a large slice, without a name or a value that a person would look for: each by what a device has, lacks, or has in numbers. */

const GPU = `device.attributes["gpu.nvidia.com"]`;
const KUBERNETES = `device.attributes["resource.kubernetes.io"]`;
const CAPACITY = `device.capacity["gpu.nvidia.com"]`;

export const SIBLINGS: readonly string[] = [
  // By a name that only some version, gate, kernel or machine publishes.
  `!("pciBusID" in ${KUBERNETES}) || "pciBusID" in ${KUBERNETES}`,
  `!("pcieBusID" in ${GPU})`,
  `has(${GPU}.pcieBusID)`,
  `has(${KUBERNETES}.pcieRoot)`,
  `!has(${KUBERNETES}.pcieRoot)`,
  `"resource.kubernetes.io" in device.attributes`,
  `!("resource.kubernetes.io" in device.attributes)`,
  `has(${KUBERNETES}.numaNode) && ${KUBERNETES}.numaNode == 0`,
  `${KUBERNETES}[?"numaNode"].orValue(-1) >= 0`,
  `${GPU}[?"addressingMode"].orValue("None") == "HMM"`,
  `${GPU}[?"addressingMode"].hasValue()`,
  `!${GPU}[?"addressingMode"].hasValue()`,
  `${GPU}[?"pcieBusID"].orValue("").startsWith("0000:")`,
  `has(${GPU}.gpuModuleID) || has(${GPU}.uuid)`,
  // By lists of names.
  `${GPU}.exists(name, name.startsWith("addr"))`,
  `${GPU}.all(name, name != "pcieBusID")`,
  `${GPU}.exists_one(name, name.contains("Bus"))`,
  `${GPU}.filter(name, name.endsWith("Version")).size() == 2`,
  `${KUBERNETES}.map(name, name).size() >= 2`,
  `size(${GPU}) > 8`,
  `${CAPACITY}.size() == 1`,
  `${CAPACITY}.all(name, name == "memory")`,
  `${CAPACITY}.exists(name, name == "multiprocessors")`,
  `["numaNode", "pciBusID"].exists(name, name in ${KUBERNETES})`,
  // By memory, which NVIDIA's driver rounds.
  `${CAPACITY}.memory.isGreaterThan(quantity("39Gi"))`,
  `${CAPACITY}.memory.compareTo(quantity("20000Mi")) > 0`,
  `${CAPACITY}.memory.asApproximateFloat() > 2.0e10`,
  `sign(${CAPACITY}.memory.sub(quantity("9856Mi"))) > 0`,
  `!${CAPACITY}.memory.isLessThan(quantity("10Gi"))`,
  `${CAPACITY}.memory == quantity("9728Mi")`,
  `${CAPACITY}[?"memory"].hasValue()`,
  // By what instances have, and whole GPUs have with some gate.
  `!("multiprocessors" in ${CAPACITY})`,
  `!has(${CAPACITY}.copyEngines)`,
  `!has(${CAPACITY}.memorySlice0)`,
  `!has(${CAPACITY}.memorySlice0) && !has(${CAPACITY}.memorySlice4)`,
  `!(["memorySlice0", "memorySlice3", "memorySlice6"].exists(slice, slice in ${CAPACITY}))`,
  `!has(${GPU}.uuid)`,
  `!("uuid" in ${GPU}) && ${GPU}.type == "mig"`,
  `${GPU}[?"uuid"].orValue("") == ""`,
  `has(${CAPACITY}.memorySlice0) && has(${CAPACITY}.memorySlice3)`,
  `["memorySlice0", "memorySlice1", "memorySlice2", "memorySlice3"].all(slice, slice in ${CAPACITY})`,
  `${CAPACITY}[?"multiprocessors"].orValue(quantity("108")).compareTo(quantity("98")) >= 0`,
  // By versions, brands and identifiers.
  `${GPU}.driverVersion.isGreaterThan(semver("560.0.0"))`,
  `${GPU}.cudaDriverVersion.major() >= 13`,
  `${GPU}.brand.lowerAscii() == "nvidia"`,
  `${GPU}.uuid.startsWith("GPU-") || ${GPU}.uuid.startsWith("MIG-")`,
  `${GPU}.?profile.orValue("7g.40gb").startsWith("7g")`,
  `!(${GPU}.?profile.orValue("") in ["1g.5gb", "2g.10gb"])`,
  `${GPU}.type != "mig" ? true : ${GPU}.profile == "7g.40gb"`,
  `${GPU}.productName.contains("A100")`,
];
