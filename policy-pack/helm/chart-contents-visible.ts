import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { Finding } from "../evaluation/findings";
import { untypedEntries } from "../evaluation/snapshot";
import { HELM_RELEASE } from "../../src/well-known/resource-types";
import { currentRun } from "../engine/run";
import { isOfPlatform } from "../evaluation/urn";
import { projectsOf } from "../platform/settings";
import { DEVICE_PLUGIN, DRA_DRIVERS, GPU_OPERATOR, onCharts } from "../resources/charts";
import { addedByValues } from "./added-by-values";
import { KNOWN_VALUES } from "./known-values";

/** Charts whose values the policies for GPUs read, however they are installed. */
const READ: readonly string[] = [GPU_OPERATOR, DEVICE_PLUGIN, ...DRA_DRIVERS];

/**
 * Checks that nothing changes a chart where no policy can see it. The objects of a chart that is rendered in the program are registered one by one, so for
 * those this holds only where a policy reads the values.
 */
export const chartContentsVisible: ResourceValidationPolicy = {
  name: "chart-contents-visible",
  displayName: "Values are in the program",
  description:
    "Checks that charts that Helm installs, and charts for GPUs, have all their values in the program and no post-renderer, and that others than the platform give its charts known values only, which add neither images nor containers nor rights.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["helm", "gpu"],
  remediationSteps: "Write the values into values, and remove the files of values and the post-renderer.",
  validateResource: onCharts(({ name, values, valueFiles, postRenderer }, { type, urn }): readonly Finding[] => {
    const known = KNOWN_VALUES.get(name);
    const isAnybodys = type === HELM_RELEASE && !isOfPlatform(urn, projectsOf(currentRun()));
    const added = isAnybodys && known !== undefined ? addedByValues(values, known) : [];
    return type === HELM_RELEASE || name === undefined || READ.includes(name)
      ? [
          ...added,
          ...(valueFiles !== undefined && !(Array.isArray(valueFiles) && untypedEntries(valueFiles).length === 0)
            ? ['"valueYamlFiles" has values that no policy can read. Write them into `values`']
            : []),
          ...(postRenderer === undefined
            ? []
            : ["a post-renderer changes what the chart installs, and no policy sees the result. Remove it"]),
        ]
      : [];
  }),
};
