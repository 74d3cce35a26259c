import type { ResourceValidationPolicy } from "@pulumi/policy";
import { nearestNames } from "../../src/hardware/nearest";
import type { Installed } from "../../src/releases/advisories/components";
import { judge } from "../../src/releases/advisories/judge";
import type { AdvisoryFinding } from "../../src/releases/advisories/judge";
import { FAULTS } from "../../src/releases/advisories/faults";
import { ADVISORIES } from "../../src/releases/advisories/table";
import { isHighOrWorse, TITLES } from "../../src/releases/advisories/types";
import { EKS_ADDON, EKS_NODE_GROUP } from "../../src/well-known/resource-types";
import { admissionBy, TERM_SCHEMAS } from "../evaluation/exceptions";
import type { Term } from "../evaluation/exceptions";
import { undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onEveryResource } from "../evaluation/on-resource";
import type { Resource } from "../evaluation/on-resource";
import { UNKNOWN } from "../evaluation/snapshot";
import { CHART_TYPES, chartOf, DRA_DRIVERS, GPU_OPERATOR } from "../resources/charts";
import type { HelmChart } from "../resources/charts";
import { hasGpus, readNodeGroup, SELF_MANAGED_NODE_GROUPS } from "../resources/node-groups";
import { kubernetesObjects } from "../resources/objects";
import { podTemplates } from "../resources/pod-specs";

/** A vulnerability or fault that is admitted for some time. */
interface AdvisoryException extends Term {
  /** CVE number, name of a fault, or `unknown-<component>`. */
  readonly id: string;
}

interface Settings {
  readonly allow?: readonly AdvisoryException[];
}

/** Checks what charts, images and add-ons install against the advisories of `src/releases/advisories`, which docs/advisories.md describes. */
export const noKnownVulnerabilities: ResourceValidationPolicy = {
  name: "no-known-vulnerabilities",
  displayName: "No known vulnerabilities",
  description:
    "Checks that the GPU Operator, the DRA driver, the images of nodes and the network add-on have no published vulnerability, and no other known fault, of high severity. A version about which this pack knows nothing counts as one.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["supply-chain", "tenancy", "gpu"],
  remediationSteps:
    "Install the version that the message names. If you cannot yet, add the CVE number to the setting allow, with a reason and the day until which you accept it.",
  configSchema: {
    properties: {
      allow: {
        type: "array",
        description:
          "Vulnerabilities and faults that are accepted for some time, by the id in the message. Each has a reason and a last day (UTC), after which it no longer counts.",
        items: {
          type: "object",
          properties: { id: { type: "string", minLength: 1 }, ...TERM_SCHEMAS },
          required: ["id", "reason", "until"],
          additionalProperties: false,
        },
        default: [],
      },
    },
  },
  validateResource: onEveryResource((resource) => [
    ...(isUnknownChart(resource) ? [undetermined("chart", "which chart is installed")] : []),
    ...installedBy(resource).flatMap((installed) => findings(installed, resource)),
  ]),
};

/** Types of node groups. The component for managed node groups registers one of them too, and would repeat the message. */
const NODE_GROUPS: readonly string[] = [EKS_NODE_GROUP, ...SELF_MANAGED_NODE_GROUPS];

const VPC_CNI = "vpc-cni";

function isUnknownChart({ type, props }: Resource): boolean {
  return CHART_TYPES.includes(type) && props["chart"] === UNKNOWN;
}

function installedBy(resource: Resource): readonly Installed[] {
  const { type, props } = resource;
  if (CHART_TYPES.includes(type)) {
    return [...ofChart(chartOf(resource)), ...ofContainers(resource)];
  }
  if (NODE_GROUPS.includes(type)) {
    const group = readNodeGroup(resource);
    // Whatever may have GPUs is judged as if it had.
    return [{ type: "image", releaseVersion: group.releaseVersion, amiType: group.amiType, hasGpus: hasGpus(group) !== "no" }];
  }
  if (type === EKS_ADDON) {
    return props["addonName"] === VPC_CNI ? [{ type: "addon", name: VPC_CNI, version: props["addonVersion"] }] : [];
  }
  return ofContainers(resource);
}

function ofChart({ name, version, values }: HelmChart): readonly Installed[] {
  // Stryker disable next-line StringLiteral: whatever is no DRA driver is judged as the GPU Operator
  const component = name === GPU_OPERATOR ? "gpu-operator" : DRA_DRIVERS.some((driver) => driver === name) ? "dra-driver" : undefined;
  return component === undefined ? [] : [{ type: "chart", name: component, version, values }];
}

/** An image is judged wherever a program runs it: not every installation is one of NVIDIA's charts. */
function ofContainers(resource: Resource): readonly Installed[] {
  const images = kubernetesObjects(resource)
    .flatMap(podTemplates)
    .flatMap(({ containers }) => containers.map(({ content }) => content.image));
  return [...new Set(images)].flatMap((image) => (typeof image === "string" ? [{ type: "container", image }] : []));
}

function findings(installed: Installed, { getConfig }: Resource): readonly Finding[] {
  const { allow = [] } = getConfig<Settings>();
  return judge(installed)
    .filter(({ severity }) => isHighOrWorse(severity))
    .flatMap((found) => sentence(found, allow));
}

function sentence(found: AdvisoryFinding, allow: readonly AdvisoryException[]): readonly string[] {
  const { id, remedy } = found;
  const admitted = admissionBy(allow.filter((entry) => entry.id === id));
  switch (admitted.type) {
    case "admitted":
      return [];
    case "invalid":
      return [`${described(found)}. The exception for ${id} does not count: ${admitted.problem}`];
    case "ended":
      return [`${described(found)}. The exception for ${id} ended on ${admitted.until}. ${remedy}, or renew the exception`];
    case "refused": {
      const entry = JSON.stringify({ id, reason: "...", until: "YYYY-MM-DD" });
      return [`${described(found)}. ${remedy}. To accept it for some time, set "allow": [${entry}] for this policy${mistaken(allow)}`];
    }
  }
}

/** Every id that an exception can have. */
const IDS: readonly string[] = [
  ...ADVISORIES.map(({ id }) => id),
  ...FAULTS.map(({ id }) => id),
  ...Object.keys(TITLES).map((name) => `unknown-${name}`),
];

/** What is said of exceptions that are for nothing: one of them was probably meant for this. */
function mistaken(allow: readonly AdvisoryException[]): string {
  return allow
    .filter(({ id }) => !IDS.includes(id))
    .map(
      ({ id }) => `. The exception for ${id} is for nothing that this pack knows. The nearest id is ${nearestNames(id, IDS, 1).join("")}`,
    )
    .join("");
}

function described({ type, id, subject, score, severity, impact, source }: AdvisoryFinding): string {
  switch (type) {
    case "vulnerability":
      return `${subject} has ${id} (${severity}, CVSS ${String(score)}): ${impact}. See ${source}`;
    case "fault":
      return `${subject} has the fault ${id} (${severity}): ${impact}. See ${source}`;
    case "unknown":
      return `${subject}: ${impact}, so nothing is known of its vulnerabilities`;
  }
}
