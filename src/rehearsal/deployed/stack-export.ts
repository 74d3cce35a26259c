/** The output of `pulumi stack export`: what the engine knows of a stack that is deployed. */
import { z } from "zod";
import { UserError, readText } from "../files";

const RESOURCE = z.object({
  urn: z.string(),
  type: z.string(),
  custom: z.boolean().default(false),
  id: z.string().default(""),
  parent: z.string().default(""),
  inputs: z.record(z.string(), z.json()).default({}),
  outputs: z.record(z.string(), z.json()).default({}),
  dependencies: z.array(z.string()).default([]),
  protect: z.boolean().default(false),
  retainOnDelete: z.boolean().default(false),
  /** It exists outside the stack, which only reads it. */
  external: z.boolean().default(false),
  /** A replaced resource that an interrupted `up` has not deleted yet. */
  delete: z.boolean().default(false),
  /** An interrupted `up` has deleted it, to create its replacement next. */
  pendingReplacement: z.boolean().default(false),
  /** `pulumi state taint`: the next `up` replaces it. */
  taint: z.boolean().default(false),
  /** Why it was not ready when the last `up` ended. */
  initErrors: z.array(z.string()).default([]),
});

/** What an interrupted `up` can have been doing (pulumi/pulumi sdk/go/common/apitype, OperationType). */
const OPERATIONS = ["creating", "updating", "deleting", "reading", "importing"] as const;

const EXPORT = z.object({
  version: z.number(),
  features: z.array(z.string()).default([]),
  deployment: z.object({
    resources: z.array(RESOURCE).default([]),
    pending_operations: z.array(z.object({ type: z.enum(OPERATIONS), resource: z.object({ urn: z.string() }) })).default([]),
  }),
});

export type DeployedResource = Readonly<z.infer<typeof RESOURCE>>;

/** A change that an interrupted `up` has begun. Whether its provider has ended it is not in the state. */
export interface PendingOperation {
  readonly operation: (typeof OPERATIONS)[number];
  readonly urn: string;
}

export interface StackExport {
  readonly resources: readonly DeployedResource[];
  readonly pending: readonly PendingOperation[];
}

/** The forms that the CLI writes; 4 is 3 with a list of what else is in it (pulumi/pulumi sdk/go/common, DeploymentV3). */
const VERSIONS = [3, 4];

/**
 * What an export of version 4 may say is in it: what the rehearsal does as the engine does. Hooks are those of the program that runs, and a refresh finds what the
 * export says. Of what the engine knows, replacements together with others, views, snippets, extensions and byte strings are missing
 * (pulumi/pulumi pkg/resource/stack/deployment.go at 3.260, `supportedFeatures`, read 2026-11-28).
 */
const FEATURES: readonly string[] = ["refreshBeforeUpdate", "hooks", "taint"];

/** Reads an export of a stack. @throws UserError for a file that is none, for one of another stack, and for a form that this project has not read. */
export function readExport(file: string, { project, stack }: { readonly project: string; readonly stack: string }): StackExport {
  const parsed = EXPORT.safeParse(parse(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = (issue?.path ?? []).map(String).join(".");
    throw new UserError(
      `${file}: is no stack export (${path === "" ? "" : `${path}: `}${issue?.message ?? ""}). Write one with ${exportCommand(stack)}`,
    );
  }
  const { version, features, deployment } = parsed.data;
  if (!VERSIONS.includes(version)) {
    throw new UserError(
      `${file}: is an export of version ${version}, and the rehearsal reads version ${VERSIONS.join(" and ")}. Use a newer release of this project`,
    );
  }
  const unread = features.filter((feature) => !FEATURES.includes(feature));
  if (unread.length > 0) {
    throw new UserError(
      `${file}: has ${unread.join(", ")}, which the rehearsal does not read. It reads ${FEATURES.join(", ")}. Run pulumi preview instead`,
    );
  }
  const resources = deployment.resources;
  const other = resources.find(({ urn }) => !urn.startsWith(`urn:pulumi:${stack}::${project}::`));
  if (other !== undefined) {
    const [, , its = ""] = other.urn.split(":");
    throw new UserError(
      `${file}: is of another stack or project (${its}: ${other.urn}). Name the stack with --stack, or write ${exportCommand(stack)}`,
    );
  }
  return { resources, pending: deployment.pending_operations.map(({ type, resource: { urn } }) => ({ operation: type, urn })) };
}

const exportCommand = (stack: string) => `pulumi stack export --stack ${stack} --file FILE`;

function parse(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(`${file}: is no JSON. Write a stack export with pulumi stack export --file FILE`);
  }
}
