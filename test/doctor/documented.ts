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
  const [, yaml] = /^```\n(apiVersion: rbac[^]*?)^```/m.exec(doctorPage()) ?? [];
  if (yaml === undefined) {
    throw new Error("docs/doctor.md has no role");
  }
  return parse(yaml) as KubernetesObject;
}
