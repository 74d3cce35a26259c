/** What docs/relayout.md says, as tests read it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../src/live/api/api-server";
import { ROOT } from "../support/program";

/** The roles that a relayout needs. @throws Error where the page has none. */
export function documentedRoles(): readonly KubernetesObject[] {
  const page = readFileSync(join(ROOT, "docs/relayout.md"), "utf8");
  const [, yaml] = /^```\n(apiVersion: rbac[^]*?)^```/m.exec(page) ?? [];
  if (yaml === undefined) {
    throw new Error("docs/relayout.md has no roles");
  }
  return parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject);
}
