import { checkDnsLabel, MAX_LABEL_LENGTH } from "./names";
import { nearestValues } from "./reading/nearest";
import { formatPath } from "./reading/path";
import { checkPrincipals } from "./principals";
import type { Report } from "./reading/problem";
import { REGIONS } from "./regions";
import type { ShapedConfig } from "./schema";
import type { ControlPlane } from "./types";

/** Source: CloudWatch Logs API, PutRetentionPolicy.retentionInDays (2026-11). */
const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** AWS allows 50 tags a resource; the components add a few of their own. */
const MAX_TAGS = 40;

/** The region, or undefined where the provider has none that this project knows. */
export function resolveRegion(region: string | undefined, report: Report): string | undefined {
  if (region === undefined || REGIONS.includes(region)) {
    return region;
  }
  report({ key: "aws:region", value: region, reason: "no AWS region of this name is known", nearest: nearestValues(region, REGIONS) });
  return undefined;
}

/** The cluster's name. */
export function resolveClusterName(name: string | undefined, report: Report): string | undefined {
  if (name !== undefined) {
    checkDnsLabel("clusterName", name, MAX_LABEL_LENGTH, report);
  }
  return name;
}

/** Everything about the control plane but its network and version. */
export function resolveControlPlane(shaped: ShapedConfig, report: Report): ControlPlane | undefined {
  const { deletionProtection, logRetentionDays, supportType, adminPrincipalArns } = shaped;
  if (logRetentionDays !== undefined && !RETENTION_DAYS.includes(logRetentionDays)) {
    report({
      key: "logRetentionDays",
      value: logRetentionDays,
      reason: `CloudWatch Logs accepts these numbers of days: ${RETENTION_DAYS.join(", ")}`,
      nearest: [nearestRetention(logRetentionDays)],
    });
  }
  checkPrincipals(adminPrincipalArns ?? [], "adminPrincipalArns", report);
  if (deletionProtection === undefined || logRetentionDays === undefined || supportType === undefined || adminPrincipalArns === undefined) {
    return undefined;
  }
  return { deletionProtection, logRetentionDays, supportType, adminPrincipalArns };
}

/** The tags of every AWS resource. Source of the rules: AWS, "Tag naming limits and requirements" (2026-11). */
export function resolveTags(tags: ShapedConfig["tags"], report: Report): Readonly<Record<string, string>> | undefined {
  const names = Object.keys(tags ?? {});
  if (names.length > MAX_TAGS) {
    report({
      key: "tags",
      reason: `${names.length} tags are too many. At most ${MAX_TAGS} are allowed, because the platform adds its own`,
    });
  }
  for (const [name, value] of Object.entries(tags ?? {})) {
    const key = formatPath(["tags", name]);
    if (/^aws:/i.test(name)) {
      report({ key, value, reason: "AWS reserves names that start with aws:" });
    } else if (!isTagText(name, 128) || name === "" || !isTagText(value, 256)) {
      report({
        key,
        value,
        reason: "a tag's name (1 to 128 characters) and value (up to 256) consist of letters, digits, spaces and _ . : / = + - @",
      });
    }
  }
  return tags;
}

function isTagText(text: string, maxLength: number): boolean {
  return text.length <= maxLength && /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text);
}

/** The legal retention next to `days`, the longer of two that are equally far. */
function nearestRetention(days: number): string {
  const apart = (candidate: number): number => Math.abs(candidate - days);
  return String(RETENTION_DAYS.reduce((best, candidate) => (apart(candidate) <= apart(best) ? candidate : best)));
}
