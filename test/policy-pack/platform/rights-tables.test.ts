/** What roles may hold, asked for every resource that an API server of the newest release serves, and for those of aggregated APIs and operators. */
import { CUSTOM_GROUPS, allowedVerbs, isPublicPath } from "../../../policy-pack/platform/rights/allowed";
import { isReservedName } from "../../../policy-pack/platform/rights/names";
import served from "../../../src/releases/api/v1-34.json";

const SUBRESOURCES = [
  ...["status", "scale", "log", "exec", "attach", "portforward", "proxy", "ephemeralcontainers", "eviction", "binding", "token"],
  ...["approval", "finalize", "resize", "metrics", "stats", "spec", "configz"],
];

const SERVED = Object.entries(served.kinds as Readonly<Record<string, Readonly<Record<string, { readonly resource: string }>>>>).flatMap(
  ([version, kinds]) => {
    const group = version.includes("/") ? version.slice(0, version.indexOf("/")) : "";
    return Object.values(kinds).map(({ resource }) => [group, resource] as const);
  },
);
const OTHERS = [
  ...[["", "componentstatuses"] as const, ["metrics.k8s.io", "pods"] as const, ["metrics.k8s.io", "nodes"] as const],
  ...["custom.metrics.k8s.io", "external.metrics.k8s.io"].map((group) => [group, "pods"] as const),
  ...["clusterpolicies", "nvidiadrivers", "computedomains"].map((resource) => ["nvidia.com", resource] as const),
  ...["nodefeatures", "nodefeaturerules", "nodefeaturegroups"].map((resource) => ["nfd.k8s-sigs.io", resource] as const),
  ...["devicetaintrules", "resourcepoolstatusrequests"].map((resource) => ["resource.k8s.io", resource] as const),
  ...["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"].map(
    (resource) => ["admissionregistration.k8s.io", resource] as const,
  ),
  ...["selfsubjectreviews", "tokenreviews"].map((resource) => ["authentication.k8s.io", resource] as const),
  ...["subjectaccessreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews", "localsubjectaccessreviews"].map(
    (resource) => ["authorization.k8s.io", resource] as const,
  ),
];
const CUSTOM = [
  ...[...CUSTOM_GROUPS, "example.com"].map((group) => [group, "things"] as const),
  ...["*", "applications", "applicationsets", "appprojects", "workflows"].map((resource) => ["argoproj.io", resource] as const),
];
const ASKED = [
  ...[...SERVED, ...OTHERS].flatMap(([group, resource]) =>
    [resource, ...SUBRESOURCES.map((subresource) => `${resource}/${subresource}`)].map((each) => [group, each] as const),
  ),
  ...CUSTOM,
];

describe.each(["Role", "ClusterRole"] as const)("A %s", (kind) => {
  test("may hold these rights, and no others", () => {
    const allowed = ASKED.flatMap(([group, resource]) => {
      const verbs = allowedVerbs(kind, group, resource, CUSTOM_GROUPS);
      const named = group === "" ? resource : `${resource}.${group}`;
      return verbs.length === 0 ? [] : [`${named}: ${verbs === "all" ? "all" : [...new Set(verbs)].sort().join(" ")}`];
    });
    expect([...new Set(allowed)].sort()).toMatchSnapshot();
  });
});

test.each([
  ...["/metrics", "/healthz", "/livez", "/readyz", "/version", "/api", "/apis", "/openapi"],
  ...["/metrics/", "/metrics/cadvisor", "/healthz/*", "/apis/apps", "/openapi/v3", "/version/*", "/livez*"],
])("%s tells nothing of anybody's objects", (path) => {
  expect(isPublicPath(path)).toBe(true);
});

test.each(["*", "/*", "/", "", "/logs", "/debug/pprof", "/metricsx", "/metric*", "/apiservers", "metrics", "/x/metrics", "/metrics*x"])(
  "%s may",
  (path) => {
    expect(isPublicPath(path)).toBe(false);
  },
);

test.each([
  ...["system:node", "eks:node-manager", "aws:x", "amazon:x", "iam:x"],
  ...["cluster-admin", "admin", "edit", "view", "team-member", "aws-node", "vpc-resource-controller-role"],
  ...[
    "gpu-operator",
    "gpu-operator-x",
    "nvidia-driver",
    "node-feature-discovery",
    "dra-driver-x",
    "k8s-dra-driver",
    "kube-prometheus-stack-x",
  ],
  ...["monitoring-grafana"],
])("%s is somebody else's name", (name) => {
  expect(isReservedName(name)).toBe(true);
});

test.each([
  ...["", "reader", "my-system:x", "system", "eks", "eks-reader", "views", "my-view", "administrator", "my-gpu-operator", "nvidia"],
  ...["my-nvidia-driver", "monitoring", "my-monitoring-x", "aws-nodes"],
])("%p is anybody's", (name) => {
  expect(isReservedName(name)).toBe(false);
});
