/** Finds the policies of the pack in the files of the policy folders. */
import type { Policies } from "@pulumi/policy";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const FOLDERS = ["claims", "pods", "platform", "aws", "helm", "advisories"];

/** Every file that can export policies, as a path without extension relative to this folder: by folder, then by name. */
export function policyFiles(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(__dirname, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `${folder}/${file.slice(0, -".ts".length)}`)
      .sort(),
  );
}

/** A file and the policies that it exports. */
export interface PolicyFile {
  readonly file: string;
  readonly policies: Policies;
}

/** Loads the files that export policies, in the order of {@link policyFiles}. */
export function loadPolicyFiles(): readonly PolicyFile[] {
  const load = createRequire(__filename) as (path: string) => object;
  return policyFiles()
    .map((file) => ({ file, policies: policiesOf(load(`./${file}.ts`)) }))
    .filter(({ policies }) => policies.length > 0);
}

/** The policies among the exports of a file. */
export function policiesOf(exports: object): Policies {
  return Object.values(exports).filter(isPolicy);
}

function isPolicy(value: unknown): value is Policies[number] {
  return typeof value === "object" && value !== null && ("validateResource" in value || "validateStack" in value);
}
