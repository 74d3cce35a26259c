/** The control plane: Kubernetes version, the API of Dynamic Resource Allocation, and how long EKS supports both. */
import { DRA_GROUP } from "../../planner/snapshot/kinds";
import { finding } from "../check";
import type { ClusterCheck } from "../check";
import type { Finding } from "../finding";

/** Days before the end of a support at which it becomes a finding. */
const SUPPORT_DAYS = 30;

/** Whether slices can be claimed at all. Nothing else is checked without. */
export const checkDraApi: ClusterCheck = ({ cluster: { observation, pods }, command }) => {
  const gap = observation.gaps.find(({ kind, reason }) => kind === "ResourceSlice" && reason.includes(`does not serve ${DRA_GROUP}`));
  return gap === undefined
    ? {}
    : {
        findings: [
          finding("dra-api-absent", {
            subject: "control plane",
            seen: gap.reason,
            hurts: pods.filter(({ hasClaims }) => hasClaims).map(({ namespace, name }) => `${namespace}/${name}`),
            commands: [command.up()],
          }),
        ],
      };
};

export const checkVersion: ClusterCheck = ({ cluster: { observation }, declaration: { release, assessment }, command, rollout }) => {
  const { kubernetesVersion: seen } = observation;
  const declared = release.kubernetesVersion;
  const findings: Finding[] = [];
  if (seen === undefined) {
    return { unchecked: [{ what: "the Kubernetes version", reason: "nothing says which one the control plane has" }] };
  }
  if (seen !== declared) {
    if (rollout.type === "running") {
      return { notYet: [{ subject: "control plane", waitsFor: `Kubernetes ${declared} instead of ${seen}` }] };
    }
    findings.push(
      finding("version-differs", {
        subject: "control plane",
        seen: `Kubernetes ${seen}, and the stack declares ${declared}`,
        commands: [command.up()],
      }),
    );
  }
  const { support } = assessment;
  if (support?.type === "ended" || (support?.type === "extended" && support.days <= SUPPORT_DAYS)) {
    findings.push(
      finding("support-ends", {
        subject: `Kubernetes ${declared}`,
        seen:
          support.type === "ended"
            ? `EKS ended its support on ${support.ended}`
            : `extended support ends on ${support.ends}, in ${String(support.days)} days`,
        commands: [`pulumi config set kubernetesVersion ${nextMinor(declared)}`, command.up()],
      }),
    );
  }
  return { findings };
};

/** EKS upgrades one version after the other. */
function nextMinor(version: string): string {
  const [major = "1", minor = "0"] = version.split(".");
  return `${major}.${String(Number(minor) + 1)}`;
}
