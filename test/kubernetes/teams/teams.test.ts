import { TIERS } from "../../../src/dra/tiers";
import { claimTemplate } from "../../../src/kubernetes/tiers/claim-templates";
import { deviceClassManifest } from "../../../src/kubernetes/tiers/device-classes";
import { teamRole } from "../../../src/kubernetes/teams/access";
import { teamLimitRange, teamQuota } from "../../../src/kubernetes/teams/limits";
import { teamNetworkPolicies } from "../../../src/kubernetes/teams/network";
import type { GpuPool } from "../../../src/config/types";
import { TEAM, gpuPool } from "../fixtures";
import { findRelease } from "../../../src/releases/find";
import { countedDeviceClass } from "../../../src/well-known/quota-keys";
import { RULES } from "../../support/rules";

describe("teamQuota", () => {
  const { hard } = teamQuota(TEAM, [gpuPool()], RULES).spec as { readonly hard: Readonly<Record<string, string>> };
  const keys = Object.keys(hard);

  test("counts slices per tier, pods, CPU and memory", () => {
    expect(hard).toMatchObject({
      pods: "50",
      "requests.cpu": "64",
      "requests.memory": "512Gi",
      "limits.memory": "512Gi",
      "requests.storage": "500Gi",
      persistentvolumeclaims: "30",
      "gp3.storageclass.storage.k8s.io/requests.storage": "500Gi",
      "gp2.storageclass.storage.k8s.io/persistentvolumeclaims": "0",
      "requests.ephemeral-storage": "500Gi",
      "limits.ephemeral-storage": "500Gi",
      "count/configmaps": "31",
      "count/secrets": "30",
      "count/jobs.batch": "90",
      "count/replicasets.apps": "150",
      "count/pods": "190",
      "count/resourceclaimtemplates.resource.k8s.io": "33",
      "services.loadbalancers": "0",
      "services.nodeports": "0",
      "count/resourceclaims.resource.k8s.io": "8",
      "mig-small.nvidia.com.deviceclass.resource.k8s.io/devices": "4",
      "mig-medium.nvidia.com.deviceclass.resource.k8s.io/devices": "2",
      "mig-large.nvidia.com.deviceclass.resource.k8s.io/devices": "2",
    });
  });

  test("counts every kind of which a member can create objects, and those that controllers make of them", () => {
    const rules = teamRole("mig-test").rules as readonly {
      readonly apiGroups: readonly string[];
      readonly resources: readonly string[];
      readonly verbs: readonly string[];
    }[];
    const created = rules
      .filter(({ verbs }) => verbs.includes("create"))
      .flatMap(({ apiGroups: [group = ""], resources }) =>
        resources.filter((resource) => !resource.includes("/")).map((resource) => `count/${resource}${group === "" ? "" : `.${group}`}`),
      );
    expect(created.length).toBeGreaterThan(10);
    expect(keys).toEqual(expect.arrayContaining([...created, "count/replicasets.apps", "count/controllerrevisions.apps"]));
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

  test.each([
    ["1.34", false],
    ["1.35", false],
    ["1.36", true],
  ])("gives no more of a device class as an extended resource than by claims, where Kubernetes %s gives any: %s", (version, isGiven) => {
    const quota = teamQuota(TEAM, [gpuPool()], findRelease(version)?.kubernetes ?? RULES).spec as {
      readonly hard: Readonly<Record<string, string>>;
    };
    const implicit = Object.entries(quota.hard).filter(([key]) => key.startsWith("requests.deviceclass.resource.kubernetes.io/"));
    const byClaims = Object.entries(quota.hard).flatMap(([key, count]) => {
      const deviceClass = countedDeviceClass(key);
      return deviceClass === undefined ? [] : [[`requests.deviceclass.resource.kubernetes.io/${deviceClass}`, count]];
    });
    expect(byClaims.length).toBeGreaterThan(5);
    expect(implicit).toEqual(isGiven ? byClaims : []);
  });

  test("writes no key that is accepted and never enforced: device classes with the prefix requests., or as extended resources", () => {
    expect(keys.filter((key) => key.startsWith("requests.") && (key.endsWith("/devices") || key.includes("kubernetes.io/")))).toEqual([]);
  });

  test("writes only keys that an API server takes", () => {
    for (const key of keys) {
      expect(key.split("/").at(-1)).toMatch(/^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/);
    }
  });
});

describe("teamLimitRange", () => {
  const limitsOf = (pools: readonly GpuPool[]) =>
    teamLimitRange({ name: "a", storageGiB: 200 }, pools).spec as { readonly limits: readonly object[] };

  test("a container that says nothing gets a limit of memory and of the node's disk", () => {
    expect(limitsOf([gpuPool()]).limits).toContainEqual({
      type: "Container",
      defaultRequest: { cpu: "250m", memory: "512Mi", "ephemeral-storage": "1Gi" },
      default: { memory: "4Gi", "ephemeral-storage": "10Gi" },
    });
  });

  test.each([
    ["a root volume of 200 GiB", [{ nvmeGB: 0, volumeGiB: 200 }], "100Gi"],
    [
      "the smaller of two root volumes",
      [
        { nvmeGB: 0, volumeGiB: 500 },
        { nvmeGB: 0, volumeGiB: 300 },
      ],
      "150Gi",
    ],
    ["local NVMe disks of 8000 GB", [{ nvmeGB: 8000, volumeGiB: 200 }], "3725Gi"],
    ["hardly any disk, the limit of a container", [{ nvmeGB: 0, volumeGiB: 15 }], "10Gi"],
  ])("of %s a pod has at most %s", (_, disks, storage) => {
    const pools = disks.map(({ nvmeGB, volumeGiB }) => ({ ...gpuPool(), instanceType: { ...gpuPool().instanceType, nvmeGB }, volumeGiB }));
    expect(limitsOf(pools).limits).toContainEqual({ type: "Pod", max: { "ephemeral-storage": storage } });
  });

  test("without GPU pools the disks are unknown", () => {
    expect(limitsOf([]).limits).not.toContainEqual(expect.objectContaining({ type: "Pod" }));
  });

  test("a volume has at most what all of the team's have", () => {
    expect(limitsOf([gpuPool()]).limits).toContainEqual({ type: "PersistentVolumeClaim", max: { storage: "200Gi" } });
  });
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
