/** What docs/doctor.md says, as tests read it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { KubernetesObject } from "../../src/live/api/api-server";
import { ROOT } from "../support/program";

export function doctorPage(): string {
  return readFileSync(join(ROOT, "docs/doctor.md"), "utf8");
}

/** The read-only role. @throws Error where the page has none. */
export function documentedRole(): KubernetesObject {
  const [role] = documentedRoles();
  if (role === undefined) {
    throw new Error("docs/doctor.md has no role");
  }
  return role;
}

/** The read-only role, and the one for `--active`. */
export function documentedRoles(): readonly KubernetesObject[] {
  return [...doctorPage().matchAll(/^```\n(apiVersion: rbac[^]*?)^```/gm)].map(([, yaml = ""]) => parse(yaml) as KubernetesObject);
}
