import type { ResourceValidationPolicy } from "@pulumi/policy";
import { nearestNames } from "../../src/hardware/nearest";
import type { Installed } from "../../src/releases/advisories/components";
import { judge } from "../../src/releases/advisories/judge";
import type { AdvisoryFinding } from "../../src/releases/advisories/judge";
import { FAULTS } from "../../src/releases/advisories/faults";
import { ADVISORIES } from "../../src/releases/advisories/table";
import { isHighOrWorse, TITLES } from "../../src/releases/advisories/types";
import { describeFinding } from "../evaluation/advisory";
import { admissionBy, TERM_SCHEMAS } from "../evaluation/exceptions";
import type { Term } from "../evaluation/exceptions";
import { undetermined } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import { onEveryResource } from "../evaluation/on-resource";
import type { Resource } from "../evaluation/on-resource";
import { installedBy, isUnknownChart } from "../resources/installed";

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
    "Checks that the GPU Operator, the DRA driver, kube-prometheus-stack, the images of nodes and the add-ons vpc-cni and coredns have no published vulnerability, and no other known fault, of high severity that a release mends. A version about which this pack knows nothing counts as one.",
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

function findings(installed: Installed, { getConfig }: Resource): readonly Finding[] {
  const { allow = [] } = getConfig<Settings>();
  return judge(installed)
    .filter(({ severity, isMended }) => isHighOrWorse(severity) && isMended)
    .flatMap((found) => sentence(found, allow));
}

function sentence(found: AdvisoryFinding, allow: readonly AdvisoryException[]): readonly string[] {
  const { id, remedy } = found;
  const admitted = admissionBy(allow.filter((entry) => entry.id === id));
  switch (admitted.type) {
    case "admitted":
      return [];
    case "invalid":
      return [`${describeFinding(found)}. The exception for ${id} does not count: ${admitted.problem}`];
    case "ended":
      return [`${describeFinding(found)}. The exception for ${id} ended on ${admitted.until}. ${remedy}, or renew the exception`];
    case "refused": {
      const entry = JSON.stringify({ id, reason: "...", until: "YYYY-MM-DD" });
      return [
        `${describeFinding(found)}. ${remedy}. To accept it for some time, set "allow": [${entry}] for this policy${mistaken(allow)}`,
      ];
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
