import { TIERS } from "../../../src/dra/tiers";
import { claimTemplate } from "../../../src/kubernetes/tiers/claim-templates";
import { deviceClassManifest } from "../../../src/kubernetes/tiers/device-classes";
import { teamRole } from "../../../src/kubernetes/teams/access";
import { teamLimitRange, teamQuota } from "../../../src/kubernetes/teams/limits";
import { teamNetworkPolicies } from "../../../src/kubernetes/teams/network";
import { TEAM, gpuPool } from "../fixtures";

describe("teamQuota", () => {
  const { hard } = teamQuota(TEAM, [gpuPool()]).spec as { readonly hard: Readonly<Record<string, string>> };
  const keys = Object.keys(hard);

  test("counts slices per tier, pods, CPU and memory", () => {
    expect(hard).toMatchObject({
      pods: "50",
      "requests.cpu": "64",
      "requests.memory": "512Gi",
      "limits.memory": "512Gi",
      "services.loadbalancers": "0",
      "services.nodeports": "0",
      "count/resourceclaims.resource.k8s.io": "8",
      "mig-small.nvidia.com.deviceclass.resource.k8s.io/devices": "4",
      "mig-medium.nvidia.com.deviceclass.resource.k8s.io/devices": "2",
      "mig-large.nvidia.com.deviceclass.resource.k8s.io/devices": "2",
    });
  });

  test.each([
    "gpu.nvidia.com",
    "mig.nvidia.com",
    "vfio.gpu.nvidia.com",
    "compute-domain-daemon.nvidia.com",
    "compute-domain-default-channel.nvidia.com",
  ])("gives nothing of the class %s", (deviceClass) => {
    expect(hard[`${deviceClass}.deviceclass.resource.k8s.io/devices`]).toBe("0");
  });

  test.each(["gpu", "gpu.shared", "mig-1g.5gb", "mig-1g.5gb.me", "mig-7g.40gb"])(
    "gives nothing of the device plugin's nvidia.com/%s",
    (name) => {
      expect(hard[`requests.nvidia.com/${name}`]).toBe("0");
    },
  );

  test("writes no key that is accepted and never enforced: device classes with the prefix requests., or as extended resources", () => {
    expect(keys.filter((key) => key.startsWith("requests.") && (key.endsWith("/devices") || key.includes("kubernetes.io/")))).toEqual([]);
  });

  test("writes only keys that an API server takes", () => {
    for (const key of keys) {
      expect(key.split("/").at(-1)).toMatch(/^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/);
    }
  });
});

test("a container that says nothing gets a memory limit", () => {
  expect(teamLimitRange("a").spec).toMatchObject({ limits: [{ type: "Container", default: { memory: "4Gi" } }] });
});

test("a claim template is exactly one slice of its tier", () => {
  const [small] = TIERS.map((tier) => claimTemplate(tier, "mig-test"));
  expect(small).toEqual({
    metadata: { name: "mig-small-template", namespace: "mig-test" },
    spec: {
      spec: {
        devices: {
          requests: [{ name: "slice", exactly: { deviceClassName: "mig-small.nvidia.com", allocationMode: "ExactCount", count: 1 } }],
        },
      },
    },
  });
});

test("a device class carries its selectors in the shape of resource.k8s.io/v1", () => {
  expect(deviceClassManifest({ name: "a", selectors: ["x", "y"] })).toEqual({
    metadata: { name: "a" },
    spec: { selectors: [{ cel: { expression: "x" } }, { cel: { expression: "y" } }] },
  });
});

describe("teamNetworkPolicies", () => {
  const policies = new Map(teamNetworkPolicies("mig-test").map((policy) => [policy.metadata.name, policy.spec]));

  test("deny everything in both directions first", () => {
    expect(policies.get("default-deny")).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  });

  test("let DNS out to the cluster's DNS only", () => {
    expect(policies.get("dns")).toMatchObject({
      egress: [
        { to: [{ namespaceSelector: {}, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ports: [{ port: 53 }, { port: 53 }] },
      ],
    });
  });

  test("let HTTPS out only of pods that say so, and never to credentials on link-local addresses", () => {
    expect(policies.get("https")).toEqual({
      podSelector: { matchLabels: { "shared-gpu/egress": "https" } },
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }], ports: [{ protocol: "TCP", port: 443 }] }],
    });
  });
});

describe("teamRole", () => {
  interface Rule {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }
  const rules = teamRole("mig-test").rules as readonly Rule[];
  const may = (verb: string, resource: string) =>
    rules.some(({ resources, verbs }) => resources.includes(resource) && verbs.includes(verb));

  test.each(["pods", "jobs", "deployments", "resourceclaims", "resourceclaimtemplates"])("lets members make %s", (resource) => {
    expect(may("create", resource)).toBe(true);
    expect(may("delete", resource)).toBe(true);
  });

  test.each([
    ["patch", "resourceclaims/status"],
    ["list", "resourceslices"],
    ["create", "deviceclasses"],
    ["get", "nodes"],
    ["get", "nodes/proxy"],
    ["patch", "namespaces"],
    ["update", "resourcequotas"],
    ["delete", "networkpolicies"],
    ["create", "rolebindings"],
    ["update", "pods/ephemeralcontainers"],
    ["create", "daemonsets"],
    ["patch", "services/status"],
    ["create", "endpointslices"],
  ])("does not let members %s %s", (verb, resource) => {
    expect(may(verb, resource)).toBe(false);
  });

  test("has no wildcards", () => {
    expect(JSON.stringify(rules)).not.toContain("*");
  });
});
