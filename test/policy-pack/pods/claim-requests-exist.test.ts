import { claimRequestsExist } from "../../../policy-pack/pods/claim-requests-exist";
import { stackViolations } from "../stack-verdict";
import type { StackResource } from "../stack-verdict";
import { UNKNOWN } from "../verdict";

const URN = "urn:pulumi:dev::shop::kubernetes:core/v1:Pod::";

function claim(
  kind: "ResourceClaim" | "ResourceClaimTemplate",
  name: string,
  requests: readonly object[],
  namespace = "team-a",
): StackResource {
  const spec = { devices: { requests } };
  const type = `kubernetes:resource.k8s.io/v1:${kind}`;
  const props = {
    apiVersion: "resource.k8s.io/v1",
    kind,
    metadata: { name, namespace },
    spec: kind === "ResourceClaim" ? spec : { spec },
  };
  return { type, name: `${kind}-${name}-${namespace}`, urn: `${URN}${kind}-${name}`, props };
}

const exactly = (name: string) => ({ name, exactly: { deviceClassName: "mig-small.nvidia.com" } });
const either = (name: string) => ({
  name,
  firstAvailable: [
    { name: "large", deviceClassName: "mig-large.nvidia.com" },
    { name: "small", deviceClassName: "mig-small.nvidia.com" },
  ],
});

/** A pod whose one container names a request of the pod's claim. */
function pod(source: object, request: unknown, container: object = {}, namespace = "team-a"): StackResource {
  const spec = {
    resourceClaims: [{ name: "gpu", ...source }],
    tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
    containers: [{ name: "main", image: "x", resources: { claims: [{ name: "gpu", request }] }, ...container }],
  };
  return {
    type: "kubernetes:core/v1:Pod",
    name: "pod",
    urn: `${URN}pod`,
    props: { apiVersion: "v1", kind: "Pod", metadata: { name: "pod", namespace }, spec },
  };
}

const job = (source: object, request: string): StackResource => ({
  type: "kubernetes:batch/v1:Job",
  name: "job",
  urn: `${URN}job`,
  props: {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "job", namespace: "team-a" },
    spec: { template: { spec: pod(source, request).props["spec"] } },
  },
});

const TEMPLATE = { resourceClaimTemplateName: "two" };
const CLAIM = { resourceClaimName: "shared" };
const VOID = { env: [{ name: "NVIDIA_VISIBLE_DEVICES", value: "void" }] };
const two = claim("ResourceClaimTemplate", "two", [exactly("first"), either("second")]);
const shared = claim("ResourceClaim", "shared", [exactly("only")]);
/** A pod with two claims, whose container names a request of the second. */
function twoClaims(request: string): StackResource {
  const { props, ...rest } = pod(TEMPLATE, undefined);
  const spec = {
    ...(props["spec"] as object),
    resourceClaims: [
      { name: "other", ...TEMPLATE },
      { name: "gpu", ...CLAIM },
    ],
    containers: [{ name: "main", image: "x", resources: { claims: [{ name: "gpu", request }] } }],
  };
  return { ...rest, props: { ...props, spec } };
}

const messages = (...resources: readonly StackResource[]) => stackViolations(claimRequestsExist, resources).map(({ message }) => message);

test.each<[string, readonly StackResource[]]>([
  ["a request of the template", [two, pod(TEMPLATE, "first")]],
  ["a request with alternatives, by its own name", [two, pod(TEMPLATE, "second")]],
  ["a request of the claim", [shared, pod(CLAIM, "only")]],
  ["the order of registration decides nothing", [pod(CLAIM, "only"), shared]],
  ["no request", [pod(TEMPLATE, undefined)]],
  ["an empty request", [pod(TEMPLATE, "")]],
  ["a claim of another program, and the container declines", [pod(CLAIM, "anything", VOID)]],
  ["the request of a tier's template", [pod({ resourceClaimTemplateName: "mig-small-template" }, "slice")]],
  ["a Job", [two, job(TEMPLATE, "first")]],
  ["a request of the second claim", [two, shared, twoClaims("only")]],
])("Should pass if %s", (_, resources) => {
  expect(messages(...resources)).toEqual([]);
});

test.each<[string, readonly StackResource[], RegExp]>([
  [
    "the template has no such request",
    [two, pod(TEMPLATE, "third")],
    /request is "third", so the container gets no device: two has first, second\. Name one of them/,
  ],
  ["it is an alternative and no request", [two, pod(TEMPLATE, "large")], /so the container gets no device/],
  ["the claim has no such request", [shared, pod(CLAIM, "first")], /shared has only\. Name one of them/],
  ["the container declines, and the request is known not to be there", [shared, pod(CLAIM, "first", VOID)], /shared has only/],
  [
    "a Job names it",
    [two, job(TEMPLATE, "third")],
    /^Job: spec\.template\.spec\.containers\[0\]\.resources\.claims\[0\]\.request is "third"/,
  ],
  ["nobody registers the claim", [pod(CLAIM, "first")], /is not registered by this program.*Remove request, or set NVIDIA_VISIBLE_DEVICES/],
  [
    "a claim of the template's name is something else",
    [claim("ResourceClaim", "two", [exactly("first")]), pod(TEMPLATE, "first")],
    /not registered by this program/,
  ],
  [
    "the template of the name is in another namespace",
    [claim("ResourceClaimTemplate", "two", [exactly("first")], "team-b"), pod(TEMPLATE, "first")],
    /not registered by this program/,
  ],
  ["the container calls the second claim, and the first has the request", [two, shared, twoClaims("first")], /shared has only/],
  ["it is a claim that is called like a tier's template", [pod({ resourceClaimName: "mig-small-template" }, "x")], /not registered/],
  [
    "the claim that is registered has no name",
    [{ ...shared, props: { ...shared.props, metadata: { namespace: "team-a" } } }, pod({ resourceClaimName: "undefined" }, "only")],
    /not registered by this program/,
  ],
  ["the claim's name is unknown", [shared, pod({ resourceClaimName: UNKNOWN }, "only")], /not registered by this program/],
])("Should fail if %s", (_, resources, message) => {
  expect(messages(...resources)).toEqual([expect.stringMatching(message)]);
});
