/** The pods and claims that a demand comes to, as manifests and as the scheduler's model reads them. */
import { LimitRanges, podLimits } from "../../cluster/limits";
import type { Counts } from "../../cluster/object-counts";
import type { JsonObject } from "../../cluster/objects";
import { claimCounts, podCounts } from "../../cluster/quota";
import { readClaim } from "../../dra/claims";
import type { ResourceClaimTemplate } from "../../dra/claims";
import { VENDOR_DEVICE_CLASSES } from "../../dra/device-classes";
import { readPod } from "../../dra/pods";
import type { Pod, ResourceAmounts } from "../../dra/pods";
import { TIERS, tierNamed, tierProfile } from "../../dra/tiers";
import type { GpuModel } from "../../hardware/types";
import { DRIVER, PARENT_UUID_ATTRIBUTE } from "../../well-known/attributes";
import { GPU_TAINT } from "../../well-known/labels";
import type { PlannedCluster } from "../state/cluster";
import { nameOf } from "./demand";
import type { DemandItem, Wanted } from "./demand";

/** How the slices of a demand belong together. */
export type Arrangement =
  /** Each has a pod of its own. */
  | "separate"
  /** One pod has all of them, from one GPU. */
  | "together"
  /** One pod has all of them, each from another GPU. */
  | "apart";

export interface Asked {
  readonly pod: Pod;
  readonly limits: ResourceAmounts;
  /** What it wants, for a person: `1g.5gb`. */
  readonly wants: string;
  /** What its claim and it count on quotas, in the order in which they are created. */
  readonly counts: readonly Counts[];
}

export interface AskedPods {
  readonly pods: readonly Asked[];
  readonly templates: readonly ResourceClaimTemplate[];
  /** Templates first. They can be applied as they are. */
  readonly manifests: readonly JsonObject[];
}

interface ClaimRequest {
  readonly name: string;
  readonly exactly: { readonly deviceClassName: string; readonly count: number; readonly selectors?: readonly object[] };
}

/** @param namespace in which the pods are created. */
export function askedPods(cluster: PlannedCluster, items: readonly DemandItem[], namespace: string, arrangement: Arrangement): AskedPods {
  const ranges = LimitRanges.of(cluster.limits);
  const claims =
    arrangement === "separate"
      ? items.map((item) => ({ name: `ask-${labelOf(item.wanted)}`, items: [{ ...item, count: 1 }], pods: item.count }))
      : [{ name: "ask", items, pods: 1 }];
  const made = claims.map(({ name, items: own, pods }) => {
    const template = {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaimTemplate",
      metadata: { name, namespace },
      spec: { spec: { devices: { requests: own.map((item) => requestOf(cluster, item)), ...constraintsOf(arrangement) } } },
    };
    const reading = readClaim(template, cluster.release.kubernetes);
    if (reading.type === "invalid" || reading.claim.kind !== "ResourceClaimTemplate") {
      throw new Error(`a claim of the planner's own is invalid: ${JSON.stringify(reading)}`);
    }
    const { spec } = reading.claim;
    // Pods of one kind differ in their names alone, so one of them is read for all.
    const pattern = podManifest(name, namespace, name);
    const stored = { ...pattern, spec: ranges.apply(namespace, pattern.spec) };
    const pod = readPod(stored);
    if (pod.type === "invalid") {
      throw new Error(`a pod of the planner's own is invalid: ${pod.problems.join("; ")}`);
    }
    const limits = podLimits(stored.spec);
    const wants = own.map(({ count, wanted }) => (count === 1 ? nameOf(wanted) : `${String(count)} x ${nameOf(wanted)}`)).join(", ");
    const counts = [podCounts(pod.pod.requests, limits), claimCounts(spec)];
    const asked = Array.from({ length: pods }, (_, index): Asked & { readonly manifest: JsonObject } => {
      const podName = `${name}-${String(index)}`;
      return { pod: { ...pod.pod, name: podName }, limits, wants, counts, manifest: podManifest(podName, namespace, name) };
    });
    return { template, read: { ...reading.claim, namespace }, asked };
  });
  return {
    pods: made.flatMap(({ asked }) => asked),
    templates: made.map(({ read }) => read),
    manifests: [...made.map(({ template }) => template), ...made.flatMap(({ asked }) => asked.map(({ manifest }) => manifest))],
  };
}

/** As part of a DNS label: `1g-5gb`. */
function labelOf(wanted: Wanted): string {
  return nameOf(wanted).replaceAll(/[^a-z0-9]+/g, "-");
}

function requestOf(cluster: PlannedCluster, { count, wanted }: DemandItem): ClaimRequest {
  const name = labelOf(wanted);
  switch (wanted.type) {
    case "tier":
      return { name, exactly: { deviceClassName: tierNamed(wanted.tier).className, count } };
    case "gpu":
      return { name, exactly: { deviceClassName: GPU_CLASS, count } };
    case "profile": {
      // MIG alone: a whole GPU has no profile, and a selector that reads it fails.
      const path = `device.attributes["${DRIVER}"]`;
      const expression = `device.driver == "${DRIVER}" && ${path}.type == "mig" && ${path}.profile == "${wanted.profile}"`;
      return { name, exactly: { deviceClassName: classOf(cluster, wanted.profile), count, selectors: [{ cel: { expression } }] } };
    }
  }
}

const [GPU_CLASS, MIG_CLASS] = VENDOR_DEVICE_CLASSES.map(({ name }) => name) as [string, string];

/**
 * The class through which a profile is asked for: that of a tier, if the profile is that tier's on every GPU model of the cluster that has it, since teams may
 * use no other class. Otherwise the vendor's class for all MIG devices.
 */
function classOf({ state, nodes }: PlannedCluster, profile: string): string {
  const models = nodes.flatMap(({ gpus }): GpuModel[] => (gpus === undefined ? [] : [gpus.model]));
  const having = models.filter((model) => model.profiles.some(({ name }) => name === profile));
  const classes = new Set(state.deviceClasses.map(({ name }) => name));
  const tier = TIERS.find(
    ({ name, className }) =>
      having.length > 0 && classes.has(className) && having.every((model) => tierProfile(name, model)?.name === profile),
  );
  return tier?.className ?? MIG_CLASS;
}

function constraintsOf(arrangement: Arrangement): { readonly constraints?: readonly object[] } {
  switch (arrangement) {
    case "separate":
      return {};
    case "together":
      return { constraints: [{ matchAttribute: PARENT_UUID_ATTRIBUTE }] };
    case "apart":
      return { constraints: [{ distinctAttribute: PARENT_UUID_ATTRIBUTE }] };
  }
}

/** A pod that does nothing but hold its claim. It is one that a team may create: of Pod Security level `restricted`, tolerating GPU nodes. */
function podManifest(name: string, namespace: string, template: string) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
      tolerations: [{ key: GPU_TAINT.key, operator: "Exists", effect: GPU_TAINT.effect }],
      containers: [
        {
          name: "main",
          image: "registry.k8s.io/pause:3.10",
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          resources: { claims: [{ name: "slices" }] },
        },
      ],
      resourceClaims: [{ name: "slices", resourceClaimTemplateName: template }],
    },
  };
}
