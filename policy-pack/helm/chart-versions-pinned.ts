import type { ResourceValidationPolicy } from "@pulumi/policy";
import { ifKnown } from "../evaluation/findings";
import { show } from "../evaluation/snapshot";
import { localChartOf, onCharts } from "../resources/charts";

const EXACT_VERSION = /^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
/** A file of the program's own, an archive with its version in its name, or an OCI reference with a tag or digest. */
const PINNED_REFERENCE = /^\.{0,2}\/|-v?\d+\.\d+\.\d[^/]*\.(?:tgz|tar\.gz)$|^oci:\/\/.*(?:@sha256:[0-9a-f]{64}|:v?\d+\.\d+\.\d[^/:]*)$/;

/** Checks that a chart's publisher does not decide when the cluster changes. */
export const chartVersionsPinned: ResourceValidationPolicy = {
  name: "chart-versions-pinned",
  displayName: "Chart versions are pinned",
  description: "Checks that every Helm chart has an exact version.",
  enforcementLevel: "mandatory",
  severity: "medium",
  tags: ["helm", "supply-chain"],
  remediationSteps: "Set version to one exact version, such as v25.10.1, not to a range.",
  validateResource: onCharts((chart, { urn }) => {
    const { reference, version } = chart;
    if (typeof version === "string" && EXACT_VERSION.test(version)) {
      return [];
    }
    const isPinned = typeof reference === "string" && (PINNED_REFERENCE.test(reference) || localChartOf(chart, urn).type === "objects");
    if (version === undefined && isPinned) {
      return [];
    }
    const sentence = `"version" is ${show(version)}, so Helm installs the newest chart that matches. Set it to one exact version`;
    return [ifKnown(version, "version", "which version is installed", sentence)];
  }),
};
