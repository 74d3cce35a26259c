/** The cluster played forward: from the real program's recording, with manifests of the user's own. */
import { readManifest } from "../../src/rehearsal/manifests";
import { nodesOf } from "../../src/rehearsal/recorded/nodes";
import { objectsOf } from "../../src/rehearsal/recorded/objects";
import { releaseOf } from "../../src/rehearsal/recorded/release";
import { simulateCluster } from "../../src/cluster/simulate";
import type { Simulation } from "../../src/cluster/simulate";
import type { RecordedResource, Recording } from "../../src/rehearsal/monitor/recording";
import { AWS_OUTPUTS } from "../../src/rehearsal/stand-ins/aws";
import { makeFolder } from "../support/folder";
import { recordedProgram } from "../support/recordings/recorded-program";

/** What became of the stack's objects and of a manifest's, over these lines of text per object. */
function simulate(
  recording: Recording,
  manifest = "",
): Simulation & { readonly pending: Readonly<Record<string, string>>; readonly placed: Readonly<Record<string, string>> } {
  const { nodes, shapes } = nodesOf(recording);
  const own = manifest === "" ? [] : readManifest(`${makeFolder({ "m.yaml": manifest })}/m.yaml`, "mig-test");
  const result = simulateCluster(nodes, shapes, [...objectsOf(recording), ...own], releaseOf(recording));
  const pending: Record<string, string> = {};
  const placed: Record<string, string> = {};
  for (const outcome of result.pods) {
    const { name } = outcome.planned.pod;
    if (outcome.type === "pending") {
      pending[name] = outcome.reason;
    } else {
      placed[name] = outcome.claims.flatMap(({ devices }) => devices.map(({ device }) => device)).join(" ");
    }
  }
  return { ...result, pending, placed };
}

const problems = ({ problems: all }: Simulation) => all.map(({ object, message }) => `${object.kind} ${object.name}: ${message}`);

/** What Pod Security level `restricted` of a team's namespace wants. */
const RESTRICTED_POD = "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}";
const RESTRICTED_CONTAINER = "securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}";

/** A pod with one claim, tolerating the GPU nodes' taint. */
const pod = (name: string, source: string, kind = "Pod", spec = "") => {
  const podSpec = `{${RESTRICTED_POD}, tolerations: [{key: nvidia.com/gpu, operator: Exists}], resourceClaims: [{name: gpu, ${source}}], containers: [{name: main, image: x, ${RESTRICTED_CONTAINER}, resources: {claims: [{name: gpu}]}}]}`;
  return kind === "Pod"
    ? `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: ${podSpec}\n`
    : `---\napiVersion: ${kind === "Job" || kind === "CronJob" ? "batch/v1" : "apps/v1"}\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {${spec}template: {spec: ${podSpec}}}\n`;
};
const template = (name: string, deviceClass: string, expression?: string) =>
  `---\napiVersion: resource.k8s.io/v1\nkind: ResourceClaimTemplate\nmetadata: {name: ${name}}\nspec: {spec: {devices: {requests: [{name: slice, exactly: {deviceClassName: ${deviceClass}${expression === undefined ? "" : `, selectors: [{cel: {expression: ${JSON.stringify(expression)}}}]`}}}]}}}\n`;

let dev: Recording;
beforeAll(async () => {
  dev = await recordedProgram();
});

describe("the dev stack", () => {
  test("runs one p4d.24xlarge with 32 slices and two system nodes, named and labelled as on EC2", () => {
    const { nodes, shapes, problems: none } = nodesOf(dev);
    expect(none).toEqual([]);
    expect(nodes.map(({ pool, instanceType, zone }) => [pool, instanceType.name, zone])).toEqual([
      ["system", "m6i.large", "us-east-1a"],
      ["system", "m6i.large", "us-east-1b"],
      ["a100", "p4d.24xlarge", "us-east-1a"],
    ]);
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(3);
    expect(nodes.every(({ name }) => /^ip-10-0-\d+-\d+\.ec2\.internal$/.test(name))).toBe(true);
    expect(shapes).toMatchObject([
      {
        pool: "a100",
        labels: {
          "nvidia.com/mig.config": "all-balanced",
          "nvidia.com/mig.config.state": "success",
          "topology.kubernetes.io/zone": "us-east-1a",
        },
        taints: [{ key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" }],
      },
    ]);
    expect(simulate(dev).slices.flatMap(({ spec }) => spec.devices)).toHaveLength(32);
  });

  const selecting = (label: string, value: string) =>
    pod("p", "resourceClaimTemplateName: mig-small-template").replace("spec: {", `spec: {nodeSelector: {"${label}": "${value}"}, `);

  test.each([
    ["nvidia.com/gpu.product", "NVIDIA-A100-SXM4-40GB"],
    ["nvidia.com/gpu.compute.major", "8"],
    ["nvidia.com/mig.capable", "true"],
    ["nvidia.com/mig-1g.5gb.count", "16"],
    ["nvidia.com/mig-3g.20gb.count", "8"],
    ["node.kubernetes.io/instance-type", "p4d.24xlarge"],
    ["topology.ebs.csi.aws.com/zone", "us-east-1a"],
    ["eks.amazonaws.com/capacityType", "ON_DEMAND"],
  ])("a node has the label %s=%s", (label, value) => {
    expect(simulate(dev, selecting(label, value))).toMatchObject({ pending: {}, placed: { p: expect.stringContaining("gpu-") as string } });
  });

  test.each([
    ["nvidia.com/gpu.memory", "40960"],
    ["nvidia.com/gpu.replicas", "1"],
    ["nvidia.com/gpu.sharing-strategy", "none"],
    ["nvidia.com/gpu.machine", "p4d.24xlarge"],
    ["nvidia.com/gpu.mode", "compute"],
    ["nvidia.com/cuda.driver.major", "580"],
    ["nvidia.com/cuda.driver-version.full", "580.1"],
    ["nvidia.com/cuda.runtime.minor", "0"],
    ["nvidia.com/gfd.timestamp", "1"],
    ["nvidia.com/mig-1g.5gb.memory", "4864"],
    ["nvidia.com/mig-2g.10gb.slices.gi", "2"],
    ["nvidia.com/mig-2g.10gb.engines.encoder", "0"],
    ["feature.node.kubernetes.io/cpu-cpuid.AVX512F", "true"],
    ["feature.node.kubernetes.io/kernel-version.major", "6"],
    ["feature.node.kubernetes.io/system-os_release.ID", "amzn"],
    ["eks.amazonaws.com/nodegroup-image", "ami-1"],
  ])("what the label %s says cannot be known before the node is there: the pod is placed, with a word about it", (label, value) => {
    const { pending, warnings } = simulate(dev, selecting(label, value));
    expect(pending).toEqual({});
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining(`by the label ${label}, whose value cannot be known before the node is there`),
    ]);
  });

  test.each([
    ["nvidia.com/gpu.product", "NVIDIA-H100-80GB-HBM3"],
    ["nvidia.com/mig-1g.5gb.count", "15"],
    ["nvidia.com/mig-7g.40gb.memory", "40960"],
    ["nvidia.com/mig-7g.40gb.count", "1"],
    ["nvidia.com/gpu.colour", "green"],
    ["feature.node.kubernetes.io/colour", "green"],
    ["eks.amazonaws.com/nodegroup", "other"],
    ["eks.amazonaws.com/compute-type", "fargate"],
  ])("no node has the label %s=%s", (label, value) => {
    expect(simulate(dev, selecting(label, value)).pending.p).toContain(label);
  });

  test("places every pod, the three workloads each on its size of slice", () => {
    const { pending, placed, problems: none } = simulate(dev);
    expect(pending).toEqual({});
    expect(none).toEqual([]);
    expect(placed).toMatchObject({
      "mig-large-training-0": expect.stringMatching(/^gpu-\d-mig-3g20gb-9-/) as string,
      "mig-medium-training-0": expect.stringMatching(/^gpu-\d-mig-2g10gb-14-/) as string,
      "mig-small-inference-0": expect.stringMatching(/^gpu-\d-mig-1g5gb-19-/) as string,
    });
  });

  test("a claim over the team's quota stays pending with that reason", () => {
    const { pending, placed } = simulate(dev, pod("many", "resourceClaimTemplateName: mig-large-template", "Deployment", "replicas: 4, "));
    // The team may hold 4 large slices, and the stack's own training holds one of them.
    expect(Object.keys(placed)).toEqual(expect.arrayContaining(["many-0", "many-1", "many-2"]));
    expect(pending).toEqual({ "many-3": 'quota "team" allows 4 devices of class mig-large.nvidia.com, 4 used, 1 more asked for' });
  });

  test("a zero quota on the vendor's classes holds, whichever alternative names them", () => {
    const { pending } = simulate(dev, template("any", "gpu.nvidia.com") + pod("whole", "resourceClaimTemplateName: any"));
    expect(pending.whole).toBe('quota "team" allows 0 devices of class gpu.nvidia.com, 0 used, 1 more asked for');
  });

  test.each([
    [
      "template",
      pod("lost", "resourceClaimTemplateName: mig-larg-template"),
      'ResourceClaimTemplate mig-test/mig-larg-template does not exist; did you mean "mig-large-template"?',
    ],
    ["claim", pod("lost", "resourceClaimName: mine"), "ResourceClaim mig-test/mine does not exist; there is none"],
    [
      "class",
      template("odd", "mig-larg.nvidia.com") + pod("lost", "resourceClaimTemplateName: odd"),
      'device class mig-larg.nvidia.com does not exist; did you mean "mig-large.nvidia.com"?',
    ],
  ])("an unknown %s is named, with the nearest known one", (_, manifest, reason) => {
    expect(simulate(dev, manifest).pending.lost).toContain(reason);
  });

  test("of many claims, each that nothing matches is reported, and no other", () => {
    const expression = (profile: string) => `device.attributes['gpu.nvidia.com'].profile == '${profile}'`;
    const manifest = ["2g.40gb", "3g.20gb", "2g.40gb", "3g.20gb"]
      .map((profile, index) => template(`t-${String(index)}`, "mig-large.nvidia.com", expression(profile)))
      .join("");
    expect(problems(simulate(dev, manifest))).toEqual([
      expect.stringMatching(/^ResourceClaimTemplate t-0: no pod could ever use it/),
      expect.stringMatching(/^ResourceClaimTemplate t-2: no pod could ever use it/),
    ]);
  });

  test("a claim that nothing matches is reported even when no pod uses it", () => {
    const manifest = template("big", "mig-large.nvidia.com", "device.attributes['gpu.nvidia.com'].profile == '2g.40gb'");
    expect(problems(simulate(dev, manifest))).toEqual([
      expect.stringMatching(
        /^ResourceClaimTemplate big: no pod could ever use it: .*no device matches: profile 2g\.40gb does not exist on A100-SXM4-40GB/,
      ),
    ]);
  });

  test("a claim whose CEL does not compile is refused, with its place in the object", () => {
    const [first] = problems(simulate(dev, template("bad", "mig-large.nvidia.com", "device.attributes['gpu.nvidia.com'].profile = 'x'")));
    expect(first).toMatch(
      /^ResourceClaimTemplate bad: spec\.spec\.devices\.requests\[0\]\.exactly\.selectors\[0\]\.cel\.expression: .*compil/,
    );
  });

  test("a pod that does not tolerate the taint of the GPU nodes is told so", () => {
    const manifest = `apiVersion: v1\nkind: Pod\nmetadata: {name: shy}\nspec: {${RESTRICTED_POD}, resourceClaims: [{name: gpu, resourceClaimTemplateName: mig-small-template}], containers: [{name: main, image: x, ${RESTRICTED_CONTAINER}, resources: {claims: [{name: gpu}]}}]}`;
    expect(simulate(dev, manifest).pending.shy).toContain("taint nvidia.com/gpu=true:NoSchedule is not tolerated");
  });

  test("workloads make as many pods as Kubernetes would", () => {
    const source = "resourceClaimTemplateName: mig-small-template";
    const { placed } = simulate(
      dev,
      [
        pod("jobs", source, "Job", "completions: 1, parallelism: 3, "),
        pod("stopped", source, "Job", "suspend: true, "),
        pod("set", source, "StatefulSet", "replicas: 2, "),
        `---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec: {template: {spec: {${RESTRICTED_POD}, nodeSelector: {node-role: gpu}, tolerations: [{operator: Exists}], containers: [{name: main, image: x, ${RESTRICTED_CONTAINER}}]}}}\n`,
        `---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly}\nspec: {schedule: "0 3 * * *", jobTemplate: {spec: {template: {spec: {${RESTRICTED_POD}, containers: [{name: main, image: x, ${RESTRICTED_CONTAINER}}]}}}}}\n`,
      ].join(""),
    );
    expect(Object.keys(placed).filter((name) => !/^(mig-|partition-gate|shared-gpu-slices)/.test(name))).toEqual([
      "jobs-0",
      "set-0",
      "set-1",
      "agent-2",
      "nightly-0",
    ]);
  });

  test("objects in a namespace that does not exist, or that exist already, are reported and not created", () => {
    const manifest = [
      "apiVersion: v1\nkind: Pod\nmetadata: {name: lost, namespace: mig-tst}\nspec: {containers: []}",
      "apiVersion: resource.k8s.io/v1\nkind: ResourceClaimTemplate\nmetadata: {name: mig-small-template}\nspec: {spec: {devices: {requests: [{name: slice, exactly: {deviceClassName: mig-small.nvidia.com}}]}}}",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}",
    ].join("\n---\n");
    const result = simulate(dev, manifest);
    expect(problems(result)).toEqual([
      'Pod lost: namespace "mig-tst" does not exist; did you mean "mig-test"?',
      "ResourceClaimTemplate mig-small-template: is part of the stack; applying the manifest would change what Pulumi manages",
      expect.stringMatching(/^ConfigMap twice: is defined twice, first at .*m\.yaml:11$/),
    ]);
    expect(result.placed).not.toHaveProperty("lost");
  });
});

/** The recording with some resources changed, or left out where the change answers undefined. */
function changed(recording: Recording, change: (resource: RecordedResource) => RecordedResource | undefined): Recording {
  return { ...recording, resources: recording.resources.flatMap((resource) => change(resource) ?? []) };
}

/** The recording with other inputs for the node group of the GPU pool. */
const withGpuPool = (recording: Recording, inputs: object) =>
  changed(recording, (resource) =>
    resource.type === "aws:eks/nodeGroup:NodeGroup" && resource.name === "a100"
      ? { ...resource, inputs: { ...resource.inputs, ...inputs } }
      : resource,
  );

describe("variations of the dev stack", () => {
  test("the ninth 3g.20gb on a p4d finds all eight taken", () => {
    const open = changed(dev, (resource) => (/:(ResourceQuota|Job|Deployment)$/.test(resource.type) ? undefined : resource));
    const { pending, placed } = simulate(
      open,
      pod("train", "resourceClaimTemplateName: mig-large-template", "Deployment", "replicas: 9, "),
    );
    expect(Object.keys(placed)).toHaveLength(8);
    expect(pending["train-8"]).toMatch(/needs 3g\.20gb; 8 of 8 taken/);
  });

  test("a pool without nodes takes no pod, and its claims are still known to be possible", () => {
    const result = simulate(withGpuPool(dev, { scalingConfig: { desiredSize: 0, minSize: 0, maxSize: 2 } }));
    expect(problems(result)).toEqual([]);
    expect(Object.keys(result.pending).sort()).toEqual(["mig-large-training-0", "mig-medium-training-0", "mig-small-inference-0"]);
  });

  test("a label that MIG Manager does not know, or a layout that its GPU cannot take, is a problem of the pool", () => {
    const { problems: found, nodes } = nodesOf(withGpuPool(dev, { labels: { "nvidia.com/mig.config": "all-2g.40gb" } }));
    expect(found).toEqual([
      { pool: "a100", message: expect.stringMatching(/^MIG Manager would fail: .*2g\.40gb.*did you mean/) as string },
    ]);
    expect(nodes.map(({ pool }) => pool)).toEqual(["system", "system"]);
  });

  test("every AWS resource in it has outputs of its own in the rehearsal, so that nothing reads undefined", () => {
    const types = dev.resources.filter(({ kind, type }) => kind === "custom" && type.startsWith("aws:")).map(({ type }) => type);
    expect([...new Set(types)].filter((type) => !(type in AWS_OUTPUTS))).toEqual([]);
  });
});

describe("other stacks", () => {
  test("colocated workloads share one physical GPU", async () => {
    const { placed, pending } = simulate(
      await recordedProgram({ config: { fashionMnist: { type: "deployed", team: "mig-test", colocate: true } } }),
    );
    expect(pending).toEqual({});
    const devices = Object.entries(placed).flatMap(([name, text]) => (name.startsWith("mig-") ? text.split(" ") : []));
    expect(new Set(devices.map((device) => device.split("-mig-")[0])).size).toBe(1);
  });

  test.each([
    ["the GPU software of another line", { gpuSoftware: "25.10" }],
    ["a DRA driver of an older line", { charts: { draDriver: { version: "25.8.1" } } }],
  ])("with %s the slices have the names that its driver gives them", async (_, config) => {
    const { placed, pending } = simulate(await recordedProgram({ config }));
    expect(pending).toEqual({});
    expect(placed["mig-large-training-0"]).toMatch(/^gpu-\d-mig-9-/);
  });

  test("a custom layout reaches MIG Manager through the operator's values; a capacity block has its instance type in the launch template", async () => {
    const layout = {
      name: "half-and-half",
      gpus: [
        { devices: [0, 1, 2, 3], profiles: { "3g.20gb": 2 } },
        { devices: [4, 5, 6, 7], profiles: "whole" },
      ],
    };
    const pool = {
      name: "a100",
      instanceType: "p4d.24xlarge",
      layout,
      size: { desired: 1, min: 1, max: 2 },
      capacity: { type: "capacityBlock", reservationId: "cr-0123456789abcdef0" },
      availabilityZone: "us-east-1a",
    };
    const teams = [{ name: "mig-test", slices: { large: 8 } }];
    const recording = await recordedProgram({ config: { gpuPools: [pool], teams, fashionMnist: { type: "none" } } });
    expect(nodesOf(recording).shapes).toMatchObject([
      { instanceType: { name: "p4d.24xlarge" }, labels: { "eks.amazonaws.com/capacityType": "CAPACITY_BLOCK" } },
    ]);
    const devices = simulate(recording).slices.flatMap(({ spec }) => spec.devices.map(({ name }) => name));
    expect(devices.filter((name) => name.includes("-mig-3g20gb-9-"))).toHaveLength(8);
    expect(devices.filter((name) => !name.includes("-mig-"))).toEqual(["gpu-4", "gpu-5", "gpu-6", "gpu-7"]);
  });
});

describe("requests that containers name", () => {
  const podWith = (kind: string, request: string, source = "resourceClaimTemplateName: mig-small-template") => {
    const spec = `{${RESTRICTED_POD}, tolerations: [{key: nvidia.com/gpu, operator: Exists}], resourceClaims: [{name: gpu, ${source}}], containers: [{name: main, image: x, ${RESTRICTED_CONTAINER}, resources: {claims: [{name: gpu, request: ${request}}]}}]}`;
    return kind === "Pod"
      ? `---\napiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: ${spec}\n`
      : `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: 2, template: {spec: ${spec}}}\n`;
  };
  const own = `---\napiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {name: own}\nspec: {devices: {requests: [{name: either, firstAvailable: [{name: first, deviceClassName: mig-small.nvidia.com}]}]}}\n`;

  test.each([
    [
      "Pod",
      podWith("Pod", "nope"),
      'Pod x: container main gets no device: claim gpu has no request "nope"; it has: slice. Name one of them',
    ],
    ["Deployment", podWith("Deployment", "nope"), 'Deployment x: container main gets no device: claim gpu has no request "nope"'],
    [
      "an alternative of a claim",
      own + podWith("Pod", "first", "resourceClaimName: own"),
      'Pod x: container main gets no device: claim gpu has no request "first"; it has: either',
    ],
  ])("%s: one that the claim does not have is a problem, once", (_, manifest, message) => {
    const result = simulate(dev, manifest);
    expect(problems(result)).toEqual([expect.stringContaining(message)]);
  });

  test("one that it has is none", () => {
    expect(problems(simulate(dev, podWith("Pod", "slice")))).toEqual([]);
    expect(problems(simulate(dev, own + podWith("Pod", "either", "resourceClaimName: own")))).toEqual([]);
  });
});
