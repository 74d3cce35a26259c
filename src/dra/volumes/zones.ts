/**
 * Where the EBS driver makes volumes. Sources: `MatchTopologySelectorTerms` of Kubernetes v1.34.4, `pkg/apis/core/v1/helper`; kubernetes-csi/external-provisioner
 * `pkg/controller/topology.go` (`GenerateAccessibilityRequirements`).
 */
import { ZONE_LABEL } from "../../well-known/labels";
import type { StorageClass } from "./types";

type Labels = Readonly<Record<string, string>>;

/** Labels of nodes by which the driver knows their zones. */
const ZONE_KEYS: readonly string[] = [ZONE_LABEL, "topology.ebs.csi.aws.com/zone"];

/** Whether a class allows a volume for a node. */
export function isAllowedOn({ allowedTopologies }: StorageClass, labels: Labels): boolean {
  return (
    allowedTopologies.length === 0 ||
    allowedTopologies.some((term) => term.length > 0 && term.every(({ key, values }) => values.includes(labels[key] ?? "")))
  );
}

/** The zones in one of which a volume is made before any pod uses it: those that its class names, or those that have nodes. */
export function zonesOf(storageClass: StorageClass, nodes: readonly Labels[]): readonly string[] {
  const named = storageClass.allowedTopologies.flatMap((term) => term.filter(({ key }) => ZONE_KEYS.includes(key)));
  const zones =
    named.length > 0
      ? named.flatMap(({ values }) => values)
      : nodes.filter((labels) => isAllowedOn(storageClass, labels)).flatMap((labels) => labels[ZONE_LABEL] ?? []);
  return [...new Set(zones)].sort();
}
