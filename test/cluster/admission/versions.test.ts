/**
 * The older versions of claims, on an API server that is told to serve them: it converts a request to the version that the admission policies are written for
 * (`matchPolicy: Equivalent`), so that they refuse the same, in the same words.
 */
import type { CorpusCase } from "../../corpus/corpus";
import { corpusCases } from "../../corpus/corpus";
import { ADMISSION_POLICY_OF, keyOf } from "../../corpus/differences";
import { refusals } from "../../kubernetes/admission/refusals";
import type { ApiServer, KubernetesObject } from "../../../src/live/api/api-server";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { startControlPlane } from "../../harness/control-plane/start";
import { CORPUS_TEAM, ask } from "./corpus-requests";
import { verdictOf } from "../refuser";
import type { Verdict } from "../refuser";
import { admissionPoliciesInForce } from "../../../src/fleet/settled";
import { describeUnless, liveCluster } from "../skipped";
import { applyStack, stackObjects } from "../../support/stack-objects";

const V1 = "resource.k8s.io/v1";
const BETAS = ["resource.k8s.io/v1beta1", "resource.k8s.io/v1beta2"] as const;
const MEMBER = "member";

interface Requests {
  readonly requests?:
    readonly (Readonly<Record<string, unknown>> & { readonly exactly?: object; readonly firstAvailable?: unknown })[] | null;
}

/** A claim's or template's manifest with its requests changed. */
function withRequests(manifest: KubernetesObject, apiVersion: string, change: (devices: Requests) => Requests): KubernetesObject {
  const changed = (spec: { readonly devices?: Requests }) =>
    spec.devices === undefined ? spec : { ...spec, devices: change(spec.devices) };
  const spec =
    manifest.kind === "ResourceClaim" ? changed(manifest["spec"]) : { ...manifest["spec"], spec: changed(manifest["spec"].spec) };
  return { ...manifest, apiVersion, spec };
}

/** v1beta1 has what `exactly` holds in the request itself; v1beta2 is written as v1. */
function inVersion(manifest: KubernetesObject, apiVersion: (typeof BETAS)[number]): KubernetesObject {
  return withRequests(manifest, apiVersion, (devices) =>
    apiVersion === "resource.k8s.io/v1beta2"
      ? devices
      : { ...devices, requests: devices.requests?.map(({ exactly, ...request }) => ({ ...request, ...exactly })) },
  );
}

function inV1(manifest: KubernetesObject): KubernetesObject {
  return withRequests(manifest, V1, (devices) => ({
    ...devices,
    requests: devices.requests?.map((request) => {
      const { name, exactly, firstAvailable, ...flat } = request;
      return firstAvailable !== undefined || exactly !== undefined ? request : { name, exactly: flat };
    }),
  }));
}

/** The same without the warning that the version itself is deprecated, which Kubernetes gives of v1beta1 since 1.35 and of v1beta2 since 1.36. */
function withoutDeprecation(verdict: Verdict | undefined): Verdict | undefined {
  return verdict?.type === "admitted"
    ? { ...verdict, warnings: verdict.warnings.filter((warning) => !/^resource\.k8s\.io\/v1beta\d \w+ is deprecated/.test(warning)) }
    : verdict;
}

/** What says `exactly` in v1beta1, or nothing in v1, is no request that the other version could have. */
const isConvertible = ({ name }: CorpusCase) => name !== "v1-flat" && name !== "unknown-field" && name !== "does-not-compile";

const claims = corpusCases().filter(
  ({ manifest }) =>
    String(manifest["apiVersion"]).startsWith("resource.k8s.io/") && /^ResourceClaim(Template)?$/.test(String(manifest["kind"])),
);
const inV1Already = claims.filter((each) => each.manifest["apiVersion"] === V1 && isConvertible(each));
const inBetas = claims.filter(({ manifest }) => (BETAS as readonly unknown[]).includes(manifest["apiVersion"]));

describeUnless(liveCluster("whose API server has its flags already"), "an API server with v1beta1 and v1beta2", () => {
  let cluster: ControlPlane;
  let member: ApiServer;
  beforeAll(async () => {
    cluster = await startControlPlane({
      users: [{ name: MEMBER, groups: [CORPUS_TEAM.group] }],
      apiServerFlags: [`--runtime-config=${BETAS.map((version) => `${version}=true`).join(",")}`],
    });
    const team = { ...CORPUS_TEAM, slices: { small: 8, medium: 4, large: 4 } };
    await applyStack(cluster.api, await stackObjects({ fashionMnist: { type: "none" }, teams: [team] }));
    await admissionPoliciesInForce(cluster.api);
    member = cluster.as(MEMBER);
  });
  afterAll(() => cluster.stop());

  test.each(BETAS)("what is refused in v1 is refused in %s, in the same words", async (version) => {
    const told = await Promise.all(
      inV1Already.map(async (each) => {
        const manifest = each.manifest as KubernetesObject;
        const [now, before] = await Promise.all(
          [manifest, inVersion(manifest, version)].map(async (object) => verdictOf(await ask(member, { manifest: object }))),
        );
        return { case: keyOf(each), now, before };
      }),
    );
    expect(told.filter(({ now }) => now?.type === "refused").length).toBeGreaterThan(70);
    expect(told.filter(({ now }) => now?.type === "admitted").length).toBeGreaterThan(15);
    expect(told.map(({ case: name, before }) => ({ case: name, verdict: withoutDeprecation(before) }))).toEqual(
      told.map(({ case: name, now }) => ({ case: name, verdict: now })),
    );
  });

  test.each(inBetas.map((each) => [keyOf(each), each] as const))("%s: the admission policies see what it is in v1", async (_, each) => {
    const object = inV1(each.manifest as KubernetesObject);
    const [message] = refusals({ policy: ADMISSION_POLICY_OF[`${V1} ${object.kind}`] ?? "", object });
    const verdict = verdictOf(await ask(member, each));
    // Admin access is refused before admission policies are asked.
    const expected = each.name.startsWith("admin-access")
      ? { type: "refused", by: "validation" }
      : message === undefined
        ? { type: "admitted" }
        : { type: "refused", by: `policy ${String(ADMISSION_POLICY_OF[`${V1} ${object.kind}`])}`, message };
    expect(verdict).toMatchObject(expected);
  });
});
