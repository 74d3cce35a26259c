/** PersistentVolumeClaims. Source: `ValidatePersistentVolumeClaimSpec` of Kubernetes. */
import { problem } from "../../../dra/manifest/fields";
import { readQuantity } from "../../../dra/manifest/quantity";
import { dnsSubdomainFault } from "../../../dra/manifest/names";
import { quantityProblems } from "./pods/resources";
import { labelSelectorProblems } from "./selectors";
import { asList, asPart, formatted, isGiven, oneOf, oneOfRequired, required } from "./rules";
import type { Problems } from "./rules";

const ACCESS_MODES = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];

export function claimSpecProblems(spec: unknown, path: string): Problems {
  const { accessModes, resources, storageClassName, volumeMode, selector, dataSource, dataSourceRef, volumeAttributesClassName } =
    asPart(spec);
  const modes = asList(accessModes);
  const { storage } = asPart(asPart(resources)["requests"]);
  const size = readQuantity(storage);
  return [
    ...(modes.length === 0 ? [problem(`${path}.accessModes`, undefined, "required")] : []),
    ...modes.flatMap((mode, index) => oneOfRequired(mode, `${path}.accessModes[${String(index)}]`, ACCESS_MODES)),
    ...(modes.includes("ReadWriteOncePod") && modes.length > 1
      ? [problem(`${path}.accessModes`, undefined, "ReadWriteOncePod must be the only one")]
      : []),
    ...(storage === undefined
      ? [problem(`${path}.resources.requests.storage`, undefined, "required")]
      : size !== undefined && size.units === 0n
        ? [problem(`${path}.resources.requests.storage`, storage, "must be more than 0")]
        : quantityProblems(storage, `${path}.resources.requests.storage`)),
    ...formatted(volumeAttributesClassName, `${path}.volumeAttributesClassName`, dnsSubdomainFault),
    ...formatted(storageClassName, `${path}.storageClassName`, dnsSubdomainFault),
    ...oneOf(volumeMode, `${path}.volumeMode`, ["Block", "Filesystem"]),
    ...labelSelectorProblems(selector, `${path}.selector`),
    ...["dataSource", "dataSourceRef"].flatMap((field) =>
      sourceProblems(field === "dataSource" ? dataSource : dataSourceRef, `${path}.${field}`),
    ),
  ];
}

/** What a volume is filled from: a claim, or an object of another group. */
function sourceProblems(source: unknown, path: string): Problems {
  if (!isGiven(source)) {
    return [];
  }
  const { apiGroup, kind, name } = asPart(source);
  return [
    ...required(name, `${path}.name`),
    ...formatted(apiGroup, `${path}.apiGroup`, dnsSubdomainFault),
    ...(isGiven(apiGroup) ? required(kind, `${path}.kind`) : oneOfRequired(kind, `${path}.kind`, ["PersistentVolumeClaim"])),
  ];
}
