/** What is said of pods that have places, and will not do what their author means. */
import { parseAllDocuments } from "yaml";
import { judgeAndSimulate } from "../../src/cluster/judgement/judge";
import { toObject } from "../../src/cluster/objects";
import type { JsonObject } from "../../src/cluster/objects";
import { defaultRelease } from "../../src/releases/find";
import { nodesOf } from "../../src/rehearsal/recorded/nodes";
import { objectsOf } from "../../src/rehearsal/recorded/objects";
import type { Recording } from "../../src/rehearsal/monitor/recording";
import { recordedProgram } from "../support/recordings/recorded-program";

let dev: Recording;
beforeAll(async () => {
  dev = await recordedProgram();
});

/** Messages about objects of the manifests, in the dev stack: quota of 8 small, 4 medium and 4 large slices, of which the stack's own workloads hold one each. */
function advice(...documents: readonly string[]): readonly string[] {
  const { nodes, shapes } = nodesOf(dev);
  const own = documents.flatMap((yaml) =>
    parseAllDocuments(yaml).map((document) =>
      toObject(document.toJS() as JsonObject as never, { type: "manifest", file: "m.yaml", line: 1 }, "mig-test"),
    ),
  );
  // The admission policies have tests of their own: they refuse raw block devices, for example, about which there is advice for other namespaces.
  const stack = objectsOf(dev).filter(({ kind }) => kind !== "ValidatingAdmissionPolicyBinding");
  const { warnings, problems } = judgeAndSimulate(nodes, shapes, [...stack, ...own], defaultRelease());
  expect(problems.filter(({ object }) => object.origin.type === "manifest")).toEqual([]);
  return warnings
    .filter(({ object }) => object.origin.type === "manifest")
    .map(({ object, message }) => `${object.kind} ${object.name}: ${message}`);
}

interface Extra {
  readonly container?: string;
  readonly pod?: string;
  readonly size?: string;
}

const podSpec = ({ container = "", pod = "", size = "large" }: Extra) =>
  `{ securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }, tolerations: [{ key: nvidia.com/gpu, operator: Exists }], resourceClaims: [{ name: gpu, resourceClaimTemplateName: mig-${size}-template }], ${pod} containers: [{ name: main, image: x, ${container} securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }, resources: { claims: [{ name: gpu }] } }] }`;

const deployment = (replicas: number | undefined, spec = "", extra: Extra = {}) =>
  `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: d }, spec: { ${replicas === undefined ? "" : `replicas: ${String(replicas)},`} ${spec} selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b } }, spec: ${podSpec(extra)} } } }`;

const hpa = (least: number, most: number, kind = "Deployment", name = "d") =>
  `{ apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: { name: h }, spec: { minReplicas: ${String(least)}, maxReplicas: ${String(most)}, scaleTargetRef: { apiVersion: apps/v1, kind: ${kind}, name: ${name} } } }`;

describe("updates that cannot proceed", () => {
  const full = 'quota "team" allows 4 devices of class mig-large.nvidia.com, 4 used, 1 more asked for';

  test.each<[string, string, readonly unknown[]]>([
    [
      "the quota is full",
      deployment(3),
      [
        expect.stringContaining(
          `Deployment d: an update of it cannot proceed: it starts 1 pod beside the 3 pods that it has, of which 0 have a place (${full}), and may end none before (maxUnavailable is 0). Write spec.strategy: {type: Recreate}, or rollingUpdate: {maxSurge: 0, maxUnavailable: 1}`,
        ),
      ],
    ],
    ["one more fits", deployment(2), []],
    ["one of four old ones may go first", deployment(3, "strategy: { rollingUpdate: { maxUnavailable: 1 } },"), []],
    ["no pod is started beside the old ones", deployment(3, "strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },"), []],
    ["all old ones go first", deployment(3, "strategy: { type: Recreate },"), []],
    ["two are started, and one has a place", deployment(2, "strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } },"), []],
    ["it has no pods", deployment(0), []],
    ["its own pods are pending, which is said", deployment(5), []],
    [
      "shares are rounded: 25% of 3 may go is none",
      deployment(3, "strategy: { rollingUpdate: { maxSurge: 34%, maxUnavailable: 25% } },"),
      [expect.stringContaining("it starts 2 pods beside the 3 pods that it has, of which 0 have a place")],
    ],
    [
      "a Rollout by canary",
      `{ apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: { name: r }, spec: { replicas: 3, strategy: { canary: {} }, template: { spec: ${podSpec({})} } } }`,
      [expect.stringContaining("Write strategy.canary.maxSurge: 0 and maxUnavailable: 1")],
    ],
    [
      "a Rollout by blue-green runs all new pods beside all old ones",
      `{ apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: { name: r }, spec: { replicas: 2, strategy: { blueGreen: { activeService: s } }, template: { spec: ${podSpec({})} } } }`,
      [expect.stringContaining("it starts 2 pods beside the 2 pods that it has, of which 1 has a place")],
    ],
  ])("%s", (_, yaml, expected) => {
    expect(advice(yaml)).toEqual(expected);
  });
});

describe("updates of pods that have to be evenly spread, which no node with GPUs takes", () => {
  const spread = (name: string, app: string, more = "") =>
    `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: ${name} }, spec: { replicas: 2, selector: { matchLabels: { app: ${app} } }, template: { metadata: { labels: { app: ${app} } }, spec: ${podSpec(
      {
        pod: `topologySpreadConstraints: [{ maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: { matchLabels: { app: web } }, ${more} }],`,
      },
    ).replace(/tolerations: .*? resourceClaims: \[.*?\],|, resources: \{ claims: .*?\] \}/g, "")} } } }`;

  test("new pods do not count with old ones where the hash of the template is part of the rule", () => {
    expect(advice(spread("d", "web"))).toEqual([expect.stringContaining("an update of it cannot proceed")]);
    expect(advice(spread("d", "web", "matchLabelKeys: [pod-template-hash]"))).toEqual([]);
  });

  test("of two that differ in labels only, one cannot proceed", () => {
    expect(advice(spread("d", "web"), spread("e", "other"))).toEqual([expect.stringMatching(/^Deployment d: an update/)]);
  });
});

describe("autoscalers", () => {
  test.each<[string, readonly string[], readonly unknown[]]>([
    ["all of its pods have places", [deployment(undefined, "strategy: { type: Recreate },"), hpa(1, 3)], []],
    [
      "its largest number is above the quota",
      [deployment(undefined, "strategy: { type: Recreate },"), hpa(1, 6)],
      [
        expect.stringMatching(
          /^HorizontalPodAutoscaler h: maxReplicas: 6: 3 pods of Deployment "d" have places beside everything else, and the next one stays pending: quota "team" allows 4 .* Set it to at most 3, or make room$/,
        ),
      ],
    ],
    [
      "its least number is above the quota",
      [deployment(undefined, "strategy: { type: Recreate },"), hpa(5, 5)],
      [expect.stringContaining('minReplicas: 5: 3 pods of Deployment "d" have places')],
    ],
    [
      "replicas that it overrides",
      [deployment(1, "strategy: { type: Recreate },"), hpa(2, 3)],
      [
        expect.stringContaining(
          'Deployment d: spec.replicas: 1: HorizontalPodAutoscaler "h" decides how many pods there are (2 to 3), and each time that you apply the object it starts again from 1. Leave replicas out',
        ),
      ],
    ],
    [
      "nobody is its target",
      [hpa(1, 2)],
      [expect.stringContaining('spec.scaleTargetRef: there is no Deployment "d" in namespace "mig-test"')],
    ],
    [
      "KEDA's",
      [
        deployment(undefined, "strategy: { type: Recreate },"),
        "{ apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: { name: k }, spec: { scaleTargetRef: { name: d }, maxReplicaCount: 9 } }",
      ],
      [expect.stringContaining("ScaledObject k: maxReplicaCount: 9: 3 pods")],
    ],
    [
      "that of a LeaderWorkerSet, whose groups it counts",
      [
        `{ apiVersion: leaderworkerset.x-k8s.io/v1, kind: LeaderWorkerSet, metadata: { name: l }, spec: { leaderWorkerTemplate: { size: 2, leaderTemplate: { spec: ${podSpec({ size: "large" })} }, workerTemplate: { spec: ${podSpec({ size: "small" })} } } } }`,
        hpa(2, 5, "LeaderWorkerSet", "l").replace("apiVersion: apps/v1", "apiVersion: leaderworkerset.x-k8s.io/v1"),
      ],
      [expect.stringContaining('its largest number: 5: 3 pods of LeaderWorkerSet "l" (leader) have places')],
    ],
    [
      "one inside of a Ray cluster",
      [
        `{ apiVersion: ray.io/v1, kind: RayCluster, metadata: { name: r }, spec: { enableInTreeAutoscaling: true, autoscalerOptions: { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } } }, headGroupSpec: { template: { spec: ${podSpec({ size: "small" })} } }, workerGroupSpecs: [{ groupName: g, minReplicas: 1, maxReplicas: 7, template: { spec: ${podSpec({})} } }] } }`,
      ],
      [expect.stringContaining('its largest number: 7: 3 pods of RayCluster "r" (g) have places')],
    ],
  ])("%s", (_, yaml, expected) => {
    expect(advice(...yaml)).toEqual(expected);
  });

  test("the least number of pods is placed", () => {
    const { nodes, shapes } = nodesOf(dev);
    const objects = [deployment(1), hpa(3, 3)].map((yaml) =>
      toObject(parseAllDocuments(yaml)[0]?.toJS() as JsonObject as never, { type: "manifest", file: "m", line: 1 }, "mig-test"),
    );
    const { pods } = judgeAndSimulate(nodes, shapes, [...objectsOf(dev), ...objects], defaultRelease());
    expect(pods.filter(({ planned }) => planned.owner.name === "d").map(({ type }) => type)).toEqual(["placed", "placed", "placed"]);
  });
});

describe("one process sees one slice", () => {
  const RECREATE = "strategy: { type: Recreate },";
  const arguments_ = (...words: readonly string[]) => `args: ${JSON.stringify(words)},`;
  const variable = (name: string, value: string) => `env: [{ name: ${name}, value: "${value}" }],`;

  test.each([
    [arguments_("--model", "m", "--tensor-parallel-size", "2"), "--tensor-parallel-size to 2"],
    [arguments_("--tensor-parallel-size=4"), "--tensor-parallel-size to 4"],
    [arguments_("--tensor_parallel_size=4"), "--tensor_parallel_size to 4"],
    [arguments_("-tp", "2"), "-tp to 2"],
    [arguments_("--tp", "8"), "--tp to 8"],
    [arguments_("--num-shard", "2"), "--num-shard to 2"],
    [`command: [sh, -c, "vllm serve m -tp 2 && true"],`, "-tp to 2"],
    [`command: [torchrun, --nproc_per_node=2, train.py],`, "--nproc_per_node to 2"],
    [`command: [torchrun, --nproc-per-node, "2", train.py],`, "--nproc-per-node to 2"],
    [variable("NIM_TENSOR_PARALLEL_SIZE", "2"), "NIM_TENSOR_PARALLEL_SIZE to 2"],
    [variable("TENSOR_PARALLEL_SIZE", "2"), "TENSOR_PARALLEL_SIZE to 2"],
  ])("%s", (container, setting) => {
    expect(advice(deployment(1, RECREATE, { container }))).toEqual([
      expect.stringMatching(
        new RegExp(`container main sets ${setting} and has 1 MIG slice: a process sees one MIG slice at most.*Set it to 1`),
      ),
    ]);
  });

  test.each([
    [""],
    [arguments_("--tensor-parallel-size", "1")],
    [arguments_("--tensor-parallel-size", "$(TP)")],
    [arguments_("--max-tp", "2")],
    [arguments_("--http-port", "2")],
    [variable("NIM_TENSOR_PARALLEL_SIZE", "1")],
    [variable("OTHER_SIZE", "2")],
  ])("nothing is said of %s", (container) => {
    expect(advice(deployment(1, RECREATE, { container }))).toEqual([]);
  });

  const custom = (apiVersion: string, kind: string, spec: string) =>
    `{ apiVersion: ${apiVersion}, kind: ${kind}, metadata: { name: x }, spec: ${spec} }`;
  test.each([
    [
      custom(
        "serving.kserve.io/v1alpha1",
        "LLMInferenceService",
        `{ parallelism: { tensor: 2 }, template: ${podSpec({}).replace("name: main, image: x", "name: main")} }`,
      ),
      "--tensor-parallel-size to 2",
    ],
    [
      custom(
        "kubeflow.org/v1",
        "PyTorchJob",
        `{ nprocPerNode: "2", pytorchReplicaSpecs: { Worker: { template: { spec: ${podSpec({})} } } } }`,
      ),
      "PET_NPROC_PER_NODE to 2",
    ],
    [
      `${custom("trainer.kubeflow.org/v1alpha1", "TrainJob", "{ runtimeRef: { kind: TrainingRuntime, name: x }, trainer: { numProcPerNode: 4 } }")}
---
${custom("trainer.kubeflow.org/v1alpha1", "TrainingRuntime", `{ template: { spec: { replicatedJobs: [{ name: node, template: { spec: { template: { spec: ${podSpec({}).replace("name: main", "name: node")} } } } }] } } }`)}`,
      "PET_NPROC_PER_NODE to 4",
    ],
  ])("%s", (yaml, setting) => {
    expect(advice(yaml).filter((message) => !message.includes("its operator adds"))).toEqual([expect.stringContaining(setting)]);
  });

  test("the slices of all claims of a container are counted", () => {
    const claim =
      "{ apiVersion: resource.k8s.io/v1, kind: ResourceClaimTemplate, metadata: { name: two }, spec: { spec: { devices: { requests: [{ name: a, exactly: { deviceClassName: mig-small.nvidia.com, count: 2 } }] } } } }";
    const yaml = deployment(1, RECREATE, { container: arguments_("-tp", "2") }).replace("mig-large-template", "two");
    expect(advice(claim, yaml)).toEqual([expect.stringContaining("-tp to 2 and has 2 MIG slices")]);
  });
});

describe("objects without pods", () => {
  const missing = (yaml: string) => yaml.replace("mig-large-template", "mig-huge-template");
  const job = `{ apiVersion: batch/v1, kind: Job, metadata: { name: j }, spec: { suspend: true, template: { spec: ${podSpec({}).replace("{", "{ restartPolicy: Never,")} } } }`;
  const podTemplate = `{ apiVersion: v1, kind: PodTemplate, metadata: { name: t }, template: { spec: ${podSpec({})} } }`;

  test.each([
    ["a Deployment of 0 pods", deployment(0)],
    ["a suspended Job", job],
    ["a PodTemplate", podTemplate],
  ])("%s: its pods would have places, or stay pending", (_, yaml) => {
    expect(advice(yaml)).toEqual([]);
    expect(advice(missing(yaml))).toEqual([
      expect.stringMatching(/as soon as it has pods, they stay pending: ResourceClaimTemplate mig-test\/mig-huge-template does not exist/),
    ]);
  });

  test("a PodTemplate of which Pod Security would refuse the pods", () => {
    expect(advice(podTemplate.replace("runAsNonRoot: true", "runAsNonRoot: false"))).toEqual([
      expect.stringContaining('as soon as it has pods: Pod Security level "restricted"'),
    ]);
  });
});

describe("PodDisruptionBudgets", () => {
  const pdb = (spec: string) =>
    `{ apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: { name: p }, spec: { selector: { matchLabels: { a: b } }, ${spec} } }`;
  const three = deployment(3, "strategy: { type: Recreate },");

  test.each([
    ["maxUnavailable: 0", "its 3 pods go (maxUnavailable 0)"],
    ['maxUnavailable: "0%"', "(maxUnavailable 0%)"],
    ["minAvailable: 3", "(minAvailable 3)"],
    ["minAvailable: 4", "(minAvailable 4)"],
    ['minAvailable: "100%"', "(minAvailable 100%)"],
    ['minAvailable: "67%"', "(minAvailable 67%)"],
  ])("%s lets none go", (spec, part) => {
    expect(advice(three, pdb(spec))).toEqual([expect.stringContaining(part)]);
  });

  test.each(["maxUnavailable: 1", "minAvailable: 2", 'minAvailable: "66%"', 'maxUnavailable: "10%"'])("%s lets one go", (spec) => {
    expect(advice(three, pdb(spec))).toEqual([]);
  });

  test("pods of custom resources count", () => {
    const set = `{ apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: { name: r }, spec: { replicas: 2, strategy: { canary: {} }, template: { metadata: { labels: { a: b } }, spec: ${podSpec({})} } } }`;
    expect(advice(set, pdb("minAvailable: 2"))).toEqual([expect.stringContaining("it lets none of its 2 pods go")]);
  });

  test("one that selects no pod, or pods of another namespace, blocks none", () => {
    expect(advice(three, pdb("maxUnavailable: 0").replace("a: b", "a: c"))).toEqual([]);
  });
});

describe("Jobs whose pods others make", () => {
  const job = (spec: string, pod = "") =>
    `{ apiVersion: batch/v1, kind: Job, metadata: { name: j }, spec: { ${spec} template: { spec: ${podSpec({ pod: `restartPolicy: Never, ${pod}` })} } } }`;

  test("by another controller, which makes none of these pods here", () => {
    expect(advice(job("managedBy: kueue.x-k8s.io/multikueue, parallelism: 40,"))).toEqual([
      expect.stringContaining('Job j: spec.managedBy is "kueue.x-k8s.io/multikueue"'),
    ]);
    expect(advice(job("managedBy: kubernetes.io/job-controller,"))).toEqual([]);
  });
});

describe("images that cannot be pulled", () => {
  const image = (name: string) => deployment(1, "strategy: { type: Recreate },").replace("image: x", `image: "${name}"`);

  test.each(["${IMAGE}", "Busybox:latest", "nginx:", "a//b", "https://nvcr.io/nvidia/pytorch", "a:b:c", "registry/$NAME:1", "a@sha256:12"])(
    "%s",
    (name) => {
      expect(advice(image(name))).toEqual([expect.stringContaining(`Deployment d: "${name}" is no name of an image`)]);
    },
  );
  test.each([
    ...["busybox", "busybox:1.36", "nvcr.io/nvidia/k8s/cuda-sample:vectoradd-cuda12.5.0", "localhost:5000/a/b_c__d-e:V1", "a.b:80/c"],
    ...[`ghcr.io/a/b:c@sha256:${"0a".repeat(32)}`, "REGISTRY.example.com/a", "[::1]:5000/a", "a---b/c"],
  ])("%s can", (name) => {
    expect(advice(image(name))).toEqual([]);
  });
});

describe("volumes", () => {
  const claim = (mode: string) =>
    `{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: data }, spec: { accessModes: [${mode}], resources: { requests: { storage: 1Gi } } } }`;
  const volume = "volumes: [{ name: v, persistentVolumeClaim: { claimName: data } }],";
  const cpuPod = (name: string, role: string) =>
    `{ apiVersion: v1, kind: Pod, metadata: { name: ${name} }, spec: ${podSpec({
      pod: `nodeSelector: { topology.kubernetes.io/zone: us-east-1a, node-role: ${role} }, ${volume}`,
    })
      .replace(/resourceClaims: \[[^\]]*\],/, "")
      .replace("claims: [{ name: gpu }]", "")} }`;

  test("an update that holds a ReadWriteOnce volume", () => {
    expect(advice(claim("ReadWriteOnce"), deployment(1, "", { pod: volume }))).toEqual([
      expect.stringMatching(
        /^Deployment d: an update of it starts a new pod before the old one ends, and PersistentVolumeClaim "data" \(ReadWriteOnce\).*type: Recreate/,
      ),
    ]);
    expect(advice(claim("ReadWriteOnce"), deployment(1, "strategy: { type: Recreate },", { pod: volume }))).toEqual([]);
  });
  test("an update whose new pod cannot have a ReadWriteOncePod volume before the old one ends", () => {
    expect(advice(claim("ReadWriteOncePod"), deployment(1, "", { pod: volume }))).toEqual([
      expect.stringMatching(/^Deployment d: .*ReadWriteOncePod access mode already in-use/s),
    ]);
    expect(advice(claim("ReadWriteOncePod"), deployment(1, "strategy: { type: Recreate },", { pod: volume }))).toEqual([]);
  });
  test("pods on two nodes of a zone with one ReadWriteOnce volume", () => {
    expect(advice(claim("ReadWriteOnce"), cpuPod("one", "system"), cpuPod("two", "gpu"))).toEqual([
      expect.stringMatching(/^PersistentVolumeClaim data: 2 pods on 2 nodes \(ip-.*, ip-.*\) use it, and its access mode ReadWriteOnce/),
    ]);
    expect(advice(claim("ReadWriteOnce"), cpuPod("one", "system"), cpuPod("two", "system"))).toEqual([]);
  });
  test.each([
    ["volumeDevices: [{ name: v, devicePath: /dev/xvda }],", "", ["by volumeDevices, and its volumeMode is Filesystem"]],
    ["volumeMounts: [{ name: v, mountPath: /data }],", "", []],
    ["volumeMounts: [{ name: v, mountPath: /data }],", "volumeMode: Block,", ["by volumeMounts, and its volumeMode is Block"]],
    ["volumeDevices: [{ name: v, devicePath: /dev/xvda }],", "volumeMode: Block,", []],
  ])("%s with a claim of %j", (container, mode, parts) => {
    const yaml = deployment(1, "strategy: { type: Recreate },", { pod: volume, container });
    expect(advice(claim("ReadWriteOnce").replace("spec: {", `spec: { ${mode}`), yaml)).toEqual(
      parts.map((part) => expect.stringContaining(part) as string),
    );
  });
});
