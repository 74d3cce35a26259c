/** Runs one policy on one resource, as the policy host does: properties behind the proxy that throws on unknown values. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { unknownCheckingProxy } from "@pulumi/policy/proxy";

/** The SDK's mark of a string (or of anything the SDK cannot name more exactly) that is not known before `pulumi up`. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Where a resource comes from. */
export interface Origin {
  /** @default one outside of every component */
  readonly urn?: string;
  /** Inputs of its provider. */
  readonly providerProps?: Readonly<Record<string, unknown>>;
}

const behindProxy = unknownCheckingProxy as (props: unknown) => Record<string, unknown>;

/** The violations that a policy reports on a Kubernetes object, registered as `kubernetes:<apiVersion>:<kind>`. */
export function violations(
  policy: ResourceValidationPolicy,
  manifest: Readonly<Record<string, unknown>>,
  config: object = {},
  type = `kubernetes:${String(manifest.apiVersion)}:${String(manifest.kind)}`,
  { urn = "urn:pulumi:test::shared-gpu::test::test", providerProps }: Origin = {},
): readonly string[] {
  const reported: string[] = [];
  const args = {
    type,
    props: behindProxy(manifest),
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
  void validate(args as never, (message) => reported.push(message));
  return reported;
}
