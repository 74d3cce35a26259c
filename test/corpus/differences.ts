/** What of the corpus the cluster's admission policies see, and why they differ from the policy pack where they do. For the simulation of them and for a real API server. */
import { corpusCases } from "./corpus";
import type { CorpusCase } from "./corpus";

export type { CorpusCase } from "./corpus";

/** The admission policy that sees a kind, in the version to which the API server converts requests. */
export const ADMISSION_POLICY_OF: Readonly<Record<string, string>> = {
  "v1 Pod": "shared-gpu-pods",
  "v1 ReplicationController": "shared-gpu-pod-controllers",
  "v1 PodTemplate": "shared-gpu-pod-templates",
  "v1 Service": "shared-gpu-services",
  "v1 Namespace": "shared-gpu-namespaces",
  "apps/v1 Deployment": "shared-gpu-pod-controllers",
  "apps/v1 StatefulSet": "shared-gpu-pod-controllers",
  "apps/v1 DaemonSet": "shared-gpu-pod-controllers",
  "apps/v1 ReplicaSet": "shared-gpu-pod-controllers",
  "batch/v1 Job": "shared-gpu-pod-controllers",
  "batch/v1 CronJob": "shared-gpu-cron-jobs",
  "resource.k8s.io/v1 ResourceClaim": "shared-gpu-claims",
  "resource.k8s.io/v1 ResourceClaimTemplate": "shared-gpu-claim-templates",
  "resource.k8s.io/v1 DeviceClass": "shared-gpu-device-classes",
};

/** Who stops a manifest that the admission policies let pass. */
export interface Stop {
  /** `nobody`: it is admitted, without what was bad of it. `pack`: it is admitted for whoever may write it, and only the pack denies it. */
  readonly by: "PodSecurity" | "RBAC" | "validation" | "nobody" | "pack";
  readonly why: string;
}

const DROPPED: Stop = { by: "nobody", why: "the API server drops the status of what is created" };

const MONITORS: Stop = { by: "pack", why: "no role of a team has monitors, and the operator of Prometheus reads them from programs" };

/** Bad manifests that pass the admission policies, by policy or by `policy/case`. */
const STOPPED_ELSEWHERE: Readonly<Record<string, Stop>> = {
  "forbid-node-access": { by: "PodSecurity", why: "level restricted" },
  "forbid-node-access/ephemeral-container": { by: "validation", why: "ephemeral containers are not for creation" },
  "forbid-node-access/host-process": { by: "validation", why: "a pod with processes of a Windows node has to have its network" },
  "enforce-balanced-mig-profiles/unknown-field": {
    by: "validation",
    why: "the API server refuses a field that it does not know, or drops it",
  },
  "forbid-claim-privileges/forged-status": DROPPED,
  "forbid-claim-privileges/forged-reservation": DROPPED,
  "forbid-gpus-without-claim/claim-of-another-name": { by: "validation", why: "the pod has no claim of the name that a container uses" },
  "forbid-gpus-without-claim/platform-namespace-is-not-enough": { by: "RBAC", why: "a team has no rights in other namespaces" },
  "monitors-read-no-files": MONITORS,
  "monitors-stay-in-namespace": MONITORS,
  "no-known-vulnerabilities": {
    by: "pack",
    why: "the admission policies judge no versions, and a team has no rights where the components run",
  },
  "reserve-platform-objects/pod-among-drivers": { by: "RBAC", why: "a team has no rights in other namespaces" },
};

/** Good manifests that the admission policies refuse. The pack evaluates selectors; quota counts per class, and is zero for the vendor's. */
export const BY_TIER_ONLY = ["article-selector", "single-quotes", "narrowed-twice", "in-balanced-list", "product-and-profile"].map(
  (name) => `enforce-balanced-mig-profiles/${name}`,
);

export function keyOf({ policy, name }: CorpusCase): string {
  return `${policy}/${name}`;
}

export function kindOf({ manifest }: CorpusCase): string {
  return `${String(manifest["apiVersion"])} ${String(manifest["kind"])}`;
}

/** Who stops a bad manifest that the admission policies let pass; undefined: nothing explains it. */
export function stopOf(each: CorpusCase): Stop | undefined {
  return STOPPED_ELSEWHERE[keyOf(each)] ?? STOPPED_ELSEWHERE[each.policy];
}

/** A case with the admission policy that sees its kind. */
export type SeenCase = CorpusCase & { readonly admissionPolicy: string };

export function seenCases(): readonly SeenCase[] {
  return corpusCases().flatMap((each) => {
    const admissionPolicy = ADMISSION_POLICY_OF[kindOf(each)];
    return admissionPolicy === undefined ? [] : [{ ...each, admissionPolicy }];
  });
}
