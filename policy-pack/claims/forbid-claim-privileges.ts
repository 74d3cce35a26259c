import type { ResourceValidationPolicy } from "@pulumi/policy";
import { requestedDevices } from "../../src/dra/claims";
import type { ClaimSpec } from "../../src/dra/claims";
import { TIERS } from "../../src/dra/tiers";
import { prefixed, undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onKubernetes } from "../evaluation/on-resource";
import { UNKNOWN, asRecord } from "../evaluation/snapshot";
import { claimingObjects, readableClaims } from "../resources/claims";

/** Checks that claims request devices only. The platform keeps privileges over other claims, over tainted devices and over the driver. */
export const forbidClaimPrivileges: ResourceValidationPolicy = {
  name: "forbid-claim-privileges",
  displayName: "Claims request slices only",
  description:
    "Checks that a claim requests something, and that it has no admin access, no allocationMode All, no device tolerations, no driver configuration, no capacity requests and no status.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "mig", "dra", "tenancy"],
  remediationSteps: `Remove the field. A request needs deviceClassName (${TIERS.map(({ className }) => className).join(", ")}) and, for more than one slice, count.`,
  validateResource: onKubernetes((resource) => [
    ...readableClaims(resource).flatMap(({ object: { prefix, kind }, spec }) =>
      privileges(spec).map((sentence) => `${prefix}${kind}: ${sentence}`),
    ),
    ...claimingObjects(resource).flatMap(({ kind, prefix, read }) =>
      kind === "ResourceClaim" ? statusFindings(read("status"), `${prefix}status`).map((one) => prefixed(`${prefix}${kind}: `, one)) : [],
    ),
  ]),
};

function statusFindings(status: unknown, path: string): readonly Finding[] {
  if (status === UNKNOWN) {
    return [undetermined(path, "whether it allocates devices")];
  }
  // An exported manifest has an empty status before anything is allocated.
  return Object.keys(asRecord(status)).length > 0 ? ["remove `status`. The scheduler sets it, and writing it would allocate devices"] : [];
}

function privileges(spec: ClaimSpec): readonly string[] {
  if (spec.requests.length === 0) {
    // Without devices the driver never sets NVIDIA_VISIBLE_DEVICES to `void`, and the image's own value takes effect.
    return ["it requests nothing, so a pod that names it looks like a pod with a slice and has none. Request a slice"];
  }
  const ofRequests = spec.requests.flatMap(requestedDevices).flatMap(({ reference, exact }) => {
    const found: readonly (readonly [boolean, string])[] = [
      [exact.adminAccess, "adminAccess uses devices that are allocated to others. Remove it"],
      [exact.allocationMode.type === "All", "allocationMode All takes every slice of a node. Request a count"],
      [
        exact.tolerations.length > 0,
        "tolerations of device taints reach slices that are out of use, if the cluster has device taints (off by default). Remove them",
      ],
      [Object.keys(exact.capacityRequests).length > 0, "capacity requests divide devices in ways that quotas do not count. Remove them"],
    ];
    return found.flatMap(([applies, sentence]) => (applies ? [`request "${reference}": ${sentence}`] : []));
  });
  return spec.config.length > 0
    ? [...ofRequests, "config goes to the driver without a check (time-slicing, MPS, passthrough). Remove it: only the platform sets it"]
    : ofRequests;
}
