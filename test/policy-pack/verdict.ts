/** Runs one policy on one resource, as the policy host does: properties behind the proxy that throws on unknown values. */
import type { ReportViolation, ResourceValidationPolicy } from "@pulumi/policy";
import { unknownCheckingProxy } from "@pulumi/policy/proxy";
import { updateRun } from "../../policy-pack/engine/run";
import type { Run } from "../../policy-pack/engine/run";
import { shareProperties } from "../../policy-pack/evaluation/shared-properties";
import { UNKNOWN } from "../../src/rehearsal/monitor/wire";
import { checkAsChild, expectSame, ownUrn } from "./as-child";
import type { Verdict } from "./as-child";

export { UNKNOWN };

/** Where a resource comes from. */
export interface Origin {
  /** @default one outside of every component */
  readonly urn?: string;
  /** Inputs of its provider. */
  readonly providerProps?: Readonly<Record<string, unknown>>;
}

export interface Judged extends Origin {
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** The policy's settings. @default none */
  readonly config?: object;
}

export const behindProxy = unknownCheckingProxy as (props: unknown) => Record<string, unknown>;

const UP: Run = { isPreview: false, settings: {}, clusterVersions: [] };

/** Collects what a policy reports, in a run of which the engine has told this. @default an `up` with the pack's default settings */
export function verdictIn(run: Partial<Run>, validate: (reportViolation: ReportViolation) => void): Verdict {
  const verdict = { refused: [] as string[], warned: [] as string[] };
  updateRun({ ...UP, ...run });
  try {
    validate((message: string | { readonly message: string; readonly enforcementLevel: string }) => {
      if (typeof message === "string") {
        verdict.refused.push(message);
      } else {
        expect(message.enforcementLevel).toBe("advisory");
        verdict.warned.push(message.message);
      }
    });
  } finally {
    updateRun(UP);
  }
  return verdict;
}

/** What a policy says of a resource. */
export function verdictOf(policy: ResourceValidationPolicy, judged: Judged, run: Partial<Run> = {}): Verdict {
  const { type, props, config = {}, urn = `urn:pulumi:test::shared-gpu::${type}::test`, providerProps } = judged;
  const args = {
    type,
    props: behindProxy(props),
    urn,
    provider: providerProps && { type: "pulumi:providers:kubernetes", props: behindProxy(providerProps), urn: "", name: "provider" },
    name: "test",
    opts: {},
    stackTags: new Map(),
    getConfig: () => config,
    isType: () => false,
    asType: () => undefined,
    notApplicable: () => {
      throw new Error("not applicable");
    },
  };
  const validate = policy.validateResource;
  if (typeof validate !== "function") {
    throw new Error("the policy has no single validation function");
  }
  return verdictIn(run, (reportViolation) => void validate(args as never, reportViolation));
}

/**
 * The violations that a policy reports on a Kubernetes object, registered as `kubernetes:<apiVersion>:<kind>`, or on any other resource. Every case
 * that comes by here is also held against what has to be so for the children of remote components.
 */
export function violations(
  policy: ResourceValidationPolicy,
  manifest: Readonly<Record<string, unknown>>,
  config: object = {},
  type = `kubernetes:${String(manifest.apiVersion)}:${String(manifest.kind)}`,
  origin: Origin = {},
): readonly string[] {
  const judged = { type, props: manifest, config, ...origin };
  // Once as read from the SDK's proxy, and for the rest as `engine/serve.ts` does it: read once.
  const { refused } = verdictOf(policy, judged);
  const { ticket, end } = shareProperties(() => manifest);
  const served = { ...judged, props: ticket };
  checkAsChild((urn, isPreview) => verdictOf(policy, { ...served, urn: urn(type) }, { isPreview }), manifest);
  if (!type.startsWith("kubernetes:")) {
    // Who registers a resource counts in clusters alone.
    expectSame("the platform's own", verdictOf(policy, { ...served, urn: ownUrn(type) }).refused, refused);
  }
  end();
  return refused;
}
