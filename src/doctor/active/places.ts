/** Where the active check creates objects: namespaces of its own, which a label tells apart from all others. */
import type { JsonObject } from "../../cluster/objects";
import { TIERS } from "../../dra/tiers";
import { namespace } from "../../kubernetes/namespaces";
import type { PodSecurityLevel } from "../../kubernetes/namespaces";
import { claimTemplate } from "../../kubernetes/tiers/claim-templates";
import { TEAM_LABEL } from "../../well-known/labels";
import { deviceCountKey } from "../../well-known/quota-keys";

export type Place =
  /** As a team's: the admission policies apply. */
  | "team"
  /** The admission policies do not apply, so that nothing but the node keeps a pod from the GPUs. */
  | "open"
  /** The same, for pods that mount a file of the node, which Pod Security levels below `privileged` refuse. */
  | "host";

const LEVELS: Readonly<Record<Place, PodSecurityLevel>> = { team: "restricted", open: "restricted", host: "privileged" };

const PLACES = Object.keys(LEVELS) as readonly Place[];

/** Label of everything that the active check creates for the whole cluster. What a check that was killed has left is found by it. */
export const ACTIVE_LABEL = { "shared-gpu/doctor": "active" } as const;

export const QUOTA_NAME = "active";

/** Slices of each tier that the claims of the check may ask for at a time. */
const SLICES_OF_TIER = 1;

/** Template of a claim for one slice more than the quota has. */
export const OVER_QUOTA_TEMPLATE = "over-quota";

/** Names of everything that one run creates for the whole cluster. */
export interface ActiveNames {
  readonly namespaces: Readonly<Record<Place, string>>;
  readonly priorityClass: string;
}

/** @param id distinguishes this run from others, of lower-case letters and digits. */
export function activeNames(id: string): ActiveNames {
  const prefix = `doctor-${id}`;
  return {
    namespaces: Object.fromEntries(PLACES.map((place) => [place, `${prefix}-${place}`])) as Record<Place, string>,
    priorityClass: prefix,
  };
}

/**
 * The pods of the check come after all others, whatever the default of the cluster is, and preempt nobody. Below -10, the cluster autoscaler adds no node for them
 * (kubernetes/autoscaler, FAQ, `expendable-pods-priority-cutoff`).
 */
const PRIORITY = -1000;

/** What a run creates first, in this order. */
export function activeObjects({ namespaces, priorityClass }: ActiveNames): readonly JsonObject[] {
  return [
    {
      ...{ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: priorityClass, labels: { ...ACTIVE_LABEL } } },
      ...{ value: PRIORITY, preemptionPolicy: "Never", description: "Pods of npm run doctor -- --active, which preempt nobody" },
    },
    ...PLACES.map((place): JsonObject => {
      const name = namespaces[place];
      const labels = { ...ACTIVE_LABEL, ...(place === "team" ? { [TEAM_LABEL]: name } : {}) };
      return { apiVersion: "v1", kind: "Namespace", ...namespace(name, LEVELS[place], labels) };
    }),
    {
      ...{ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: QUOTA_NAME, namespace: namespaces.team } },
      spec: { hard: Object.fromEntries(TIERS.map(({ className }) => [deviceCountKey(className), String(SLICES_OF_TIER)])) },
    },
    ...TIERS.map((tier): JsonObject => ({
      ...{ apiVersion: "resource.k8s.io/v1", kind: "ResourceClaimTemplate" },
      ...claimTemplate(tier, namespaces.team),
    })),
    {
      ...{ apiVersion: "resource.k8s.io/v1", kind: "ResourceClaimTemplate" },
      metadata: { name: OVER_QUOTA_TEMPLATE, namespace: namespaces.team },
      spec: { spec: overQuota() },
    },
  ];
}

/** A claim for more than the quota of the team's namespace has, which every admission policy takes. */
export function overQuotaClaim({ namespaces }: ActiveNames): JsonObject {
  return {
    ...{ apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim" },
    ...{ metadata: { name: OVER_QUOTA_TEMPLATE, namespace: namespaces.team }, spec: overQuota() },
  };
}

function overQuota(): JsonObject {
  const [smallest] = TIERS;
  return {
    devices: { requests: [{ name: "slices", exactly: { deviceClassName: smallest?.className, count: SLICES_OF_TIER + 1 } }] },
  };
}
