/** Published holes in what the stack installs that a release has mended. What no release mends is in the rehearsal's report, with what to do about it. */
import { isHighOrWorse } from "../../releases/advisories/types";
import { finding } from "../check";
import type { ClusterCheck } from "../check";

export const checkAdvisories: ClusterCheck = ({ declaration: { assessment }, command }) => ({
  findings: assessment.findings
    .filter(({ type, severity, isMended }) => type !== "unknown" && isMended && isHighOrWorse(severity))
    .map(({ id, subject, impact, remedy }) =>
      finding("vulnerability-mended", { subject, seen: `${id}: ${impact}. ${remedy}`, commands: [command.up()] }),
    ),
});
