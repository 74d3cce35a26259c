/** Which pods come of custom resources: their number, what is in them, and what of them cannot be known. */
import { parseAllDocuments } from "yaml";
import { customPlacement, finderOf } from "../../src/cluster/custom-resources/placement";
import type { Placement } from "../../src/cluster/custom-resources/pods/types";
import { CUSTOM_KINDS } from "../../src/cluster/custom-resources/table";
import { judgeAndSimulate } from "../../src/cluster/judgement/judge";
import { toObject } from "../../src/cluster/objects";
import { valueAt } from "../../src/json/value-at";
import type { ClusterObject, JsonObject } from "../../src/cluster/objects";
import { defaultRelease } from "../../src/releases/find";

const NAMESPACES = `
{ apiVersion: v1, kind: Namespace, metadata: { name: free } }
---
{ apiVersion: v1, kind: Namespace, metadata: { name: team, labels: { pod-security.kubernetes.io/enforce: restricted } } }
`;

function objectsOf(yaml: string, namespace: string): readonly ClusterObject[] {
  return parseAllDocuments(yaml).map((document) =>
    toObject(document.toJS() as JsonObject as never, { type: "manifest", file: "m.yaml", line: 1 }, namespace),
  );
}

/** The placement of the first object; the others are there to be named. */
function placementOf(yaml: string): Placement {
  const objects = objectsOf(yaml, "free");
  const [first] = objects;
  const count = (record: JsonObject, key: string, _: string, otherwise: number) => Number(record[key] ?? otherwise);
  const placement = first && customPlacement(first, { count, find: finderOf(objects)("free"), scaling: undefined });
  if (placement === undefined) {
    throw new Error("no pods are known");
  }
  return placement;
}

/** Role, number and phase of each pod. */
const countsOf = (yaml: string) =>
  placementOf(yaml).pods.map(({ role, count, phase }) => `${role} ${String(count)}${phase === undefined ? "" : ` @${String(phase)}`}`);

const custom = (apiVersion: string, kind: string, spec: string, more = "") =>
  `{ apiVersion: ${apiVersion}, kind: ${kind}, metadata: { name: x${more} }, spec: ${spec} }`;

const C = "containers: [{ name: a, image: b }]";
const T = `{ spec: { ${C} } }`;

/** What becomes of objects in a namespace. */
function judge(yaml: string, namespace = "free") {
  const all = [...objectsOf(NAMESPACES, ""), ...objectsOf(yaml, namespace)];
  const { pods, problems, warnings, outcomes } = judgeAndSimulate([], [], all, defaultRelease());
  return {
    pods: pods.reduce((sum, outcome) => sum + (outcome.type === "pending" ? outcome.count : 1), 0),
    problems: problems.map(({ message }) => message),
    warnings: warnings.map(({ message }) => message),
    outcomes: outcomes.slice(2).map(({ outcome }) => (outcome.type === "notModelled" ? outcome.why : outcome.type)),
  };
}

describe("as many pods as the controller makes", () => {
  const isvc = (predictor: string, more = "") =>
    custom("serving.kserve.io/v1beta1", "InferenceService", `{ predictor: ${predictor}${more} }`);
  const nim = (spec: string) => custom("apps.nvidia.com/v1alpha1", "NIMService", `{ image: { repository: r, tag: t }, ${spec} }`);
  const workflow = (spec: string) => custom("argoproj.io/v1alpha1", "Workflow", spec);
  const run = (spec: string) => custom("tekton.dev/v1", "PipelineRun", spec);
  const task = "taskSpec: { steps: [{ name: a, image: b }] }";
  const spark = (spec: string) => custom("sparkoperator.k8s.io/v1beta2", "SparkApplication", `{ driver: {}, ${spec} }`);
  const knative = (annotations: string) =>
    custom("serving.knative.dev/v1", "Service", `{ template: { metadata: { annotations: { ${annotations} } }, spec: { ${C} } } }`);
  const trainJob = (spec: string) =>
    custom("trainer.kubeflow.org/v1alpha1", "TrainJob", `{ runtimeRef: { name: torch-distributed }, ${spec} }`);
  const ray = (spec: string) => custom("ray.io/v1", "RayCluster", `{ headGroupSpec: { template: ${T} }, ${spec} }`);

  test.each<[string, readonly string[]]>([
    [isvc("{ model: { modelFormat: { name: sklearn } } }"), ["predictor 1"]],
    [isvc("{ minReplicas: 3, model: {} }"), ["predictor 3"]],
    [isvc("{ minReplicas: 0, maxReplicas: 4, model: {} }"), ["predictor 1"]],
    [
      isvc(`{ minReplicas: 2, ${C} }`, `, transformer: { minReplicas: 4, ${C} }, explainer: { ${C} }`),
      ["predictor 2", "transformer 4", "explainer 1"],
    ],
    [isvc("{ sklearn: { storageUri: s } }"), ["predictor 1"]],
    [custom("serving.kserve.io/v1alpha1", "LLMInferenceService", `{ replicas: 2, template: { ${C} } }`), ["decode 2"]],
    [
      custom(
        "serving.kserve.io/v1alpha1",
        "LLMInferenceService",
        `{ replicas: 2, parallelism: { data: 8, dataLocal: 2 }, template: { ${C} }, worker: { ${C} }, prefill: { replicas: 3, template: { ${C} } } }`,
      ),
      ["decode 2", "decode-worker 6", "prefill 3"],
    ],
    [nim("replicas: 3"), [" 3"]],
    [nim("scale: { enabled: true, hpa: { minReplicas: 2, maxReplicas: 5 } }"), [" 2"]],
    [nim("authSecret: s"), [" 1"]],
    [
      custom(
        "apps.nvidia.com/v1alpha1",
        "NIMPipeline",
        "{ services: [{ name: one, enabled: true, spec: { replicas: 2 } }, { name: two, enabled: false, spec: {} }] }",
      ),
      ["one 2"],
    ],
    [custom("apps.nvidia.com/v1alpha1", "NIMCache", "{ source: { ngc: { modelPuller: p } } }"), ["job 1"]],
    [workflow(`{ entrypoint: a, templates: [{ name: a, container: { image: b } }] }`), ["a 1 @0"]],
    [workflow(`{ entrypoint: a, templates: [{ name: a, script: { image: b } }, { name: unused, container: { image: c } }] }`), ["a 1 @0"]],
    [
      workflow(
        `{ entrypoint: m, onExit: a, templates: [{ name: m, steps: [[{ name: x, template: a }, { name: y, template: a }], [{ name: z, template: a, withItems: [1, 2, 3] }]] }, { name: a, container: { image: b } }] }`,
      ),
      ["a 1 @0", "a 1 @0", "a 3 @1", "a 1 @2"],
    ],
    [
      workflow(
        `{ entrypoint: m, parallelism: 2, templates: [{ name: m, steps: [[{ name: z, template: a, withSequence: { count: "5" } }]] }, { name: a, container: { image: b } }] }`,
      ),
      ["a 2 @0"],
    ],
    [
      workflow(
        `{ entrypoint: m, templates: [{ name: m, dag: { tasks: [{ name: A, template: a }, { name: B, template: a, dependencies: [A] }, { name: C, template: a, depends: "A && !B.Failed" }] } }, { name: a, container: { image: b } }] }`,
      ),
      ["a 1 @0", "a 1 @1", "a 1 @2"],
    ],
    [workflow(`{ suspend: true, entrypoint: a, templates: [{ name: a, container: { image: b } }] }`), ["a 0 @0"]],
    [workflow(`{ entrypoint: w, templates: [{ name: w, suspend: {} }] }`), []],
    [
      `${workflow("{ workflowTemplateRef: { name: shared } }")}
---
{ apiVersion: argoproj.io/v1alpha1, kind: WorkflowTemplate, metadata: { name: shared }, spec: { entrypoint: a, templates: [{ name: a, container: { image: b } }] } }`,
      ["a 1 @0"],
    ],
    [
      custom(
        "argoproj.io/v1alpha1",
        "CronWorkflow",
        `{ schedules: ["* * * * *"], workflowSpec: { entrypoint: a, templates: [{ name: a, container: { image: b } }] } }`,
      ),
      ["a 1 @0"],
    ],
    [custom("tekton.dev/v1", "TaskRun", `{ ${task} }`), [" 1"]],
    [custom("tekton.dev/v1", "TaskRun", `{ status: TaskRunCancelled, ${task} }`), [" 0"]],
    [
      run(
        `{ pipelineSpec: { tasks: [{ name: a, ${task} }, { name: b, runAfter: [a], ${task} }, { name: c, ${task} }], finally: [{ name: d, ${task} }] } }`,
      ),
      ["a 1 @0", "c 1 @0", "b 1 @1", "d 1 @2"],
    ],
    [
      run(
        `{ pipelineSpec: { tasks: [{ name: a, matrix: { params: [{ name: p, value: [x, y] }, { name: q, value: [x, y, z] }] }, ${task} }] } }`,
      ),
      ["a 6 @0"],
    ],
    [
      `${run("{ pipelineRef: { name: p } }")}
---
{ apiVersion: tekton.dev/v1, kind: Pipeline, metadata: { name: p }, spec: { tasks: [{ name: a, taskRef: { name: t } }] } }
---
{ apiVersion: tekton.dev/v1, kind: Task, metadata: { name: t }, spec: { steps: [{ name: s, image: i }] } }`,
      ["a 1 @0"],
    ],
    [spark("executor: { instances: 4 }"), ["driver 1", "executor 4"]],
    [spark("executor: {}"), ["driver 1", "executor 1"]],
    [
      spark("executor: { instances: 1 }, dynamicAllocation: { enabled: true, initialExecutors: 3, minExecutors: 2, maxExecutors: 9 }"),
      ["driver 1", "executor 3"],
    ],
    [
      custom(
        "sparkoperator.k8s.io/v1beta2",
        "ScheduledSparkApplication",
        "{ schedule: x, template: { driver: {}, executor: { instances: 2 } } }",
      ),
      ["driver 1", "executor 2"],
    ],
    [knative(""), [" 1"]],
    [knative('autoscaling.knative.dev/min-scale: "3"'), [" 3"]],
    [knative('autoscaling.knative.dev/minScale: "2"'), [" 2"]],
    [knative('autoscaling.knative.dev/initial-scale: "0"'), [" 0"]],
    [trainJob("trainer: { numNodes: 4, image: i }"), ["node 4"]],
    [trainJob("suspend: true"), ["node 0"]],
    [
      `${custom("trainer.kubeflow.org/v1alpha1", "TrainJob", "{ runtimeRef: { name: own, kind: TrainingRuntime } }")}
---
{ apiVersion: trainer.kubeflow.org/v1alpha1, kind: TrainingRuntime, metadata: { name: own }, spec: { mlPolicy: { numNodes: 2 }, template: { spec: { replicatedJobs: [{ name: dataset-initializer, template: { spec: { template: ${T} } } }, { name: node, template: { spec: { template: ${T} } } }] } } } }`,
      ["dataset-initializer 1", "node 2"],
    ],
    [custom("kubevirt.io/v1", "VirtualMachine", "{ runStrategy: Always, template: { spec: { domain: {} } } }"), [" 1"]],
    [custom("kubevirt.io/v1", "VirtualMachine", "{ runStrategy: Halted, template: { spec: { domain: {} } } }"), [" 0"]],
    [custom("kubevirt.io/v1", "VirtualMachineInstanceReplicaSet", "{ replicas: 3, template: { spec: { domain: {} } } }"), [" 3"]],
    [ray(`workerGroupSpecs: [{ groupName: g, minReplicas: 2, maxReplicas: 8, template: ${T} }]`), ["head 1", "g 2"]],
    [ray(`suspend: true, workerGroupSpecs: [{ groupName: g, replicas: 2, template: ${T} }]`), ["head 0", "g 0"]],
    [custom("ray.io/v1", "RayJob", `{ rayClusterSpec: { headGroupSpec: { template: ${T} } } }`), ["head 1", "submitter 1"]],
    [custom("ray.io/v1", "RayJob", `{ submissionMode: HTTPMode, rayClusterSpec: { headGroupSpec: { template: ${T} } } }`), ["head 1"]],
    [custom("ray.io/v1", "RayJob", "{ clusterSelector: { ray.io/cluster: c } }"), ["submitter 1"]],
    [
      custom("argoproj.io/v1alpha1", "Rollout", "{ replicas: 3, workloadRef: { apiVersion: apps/v1, kind: Deployment, name: d } }") +
        `\n---\n{ apiVersion: apps/v1, kind: Deployment, metadata: { name: d }, spec: { template: ${T} } }`,
      [" 3"],
    ],
    [custom("argoproj.io/v1alpha1", "Experiment", `{ templates: [{ name: a, replicas: 2, template: ${T} }] }`), ["a 2"]],
    [
      custom("batch.volcano.sh/v1alpha1", "CronJob", `{ jobTemplate: { spec: { tasks: [{ name: t, replicas: 2, template: ${T} }] } } }`),
      ["t 2"],
    ],
    [
      custom(
        "jobset.x-k8s.io/v1alpha2",
        "JobSet",
        `{ suspend: true, replicatedJobs: [{ name: a, replicas: 2, template: { spec: { parallelism: 3, template: ${T} } } }] }`,
        ", labels: { kueue.x-k8s.io/queue-name: q }",
      ),
      ["a 6"],
    ],
  ])("%s", (yaml, expected) => {
    expect(countsOf(yaml)).toEqual(expected);
  });
});

describe("what depends on the run is said", () => {
  test.each<[string, RegExp]>([
    [
      custom(
        "argoproj.io/v1alpha1",
        "Workflow",
        `{ entrypoint: m, parallelism: 4, templates: [{ name: m, steps: [[{ name: z, template: a, withParam: "{{steps.x.outputs.result}}" }]] }, { name: a, container: { image: b } }] }`,
      ),
      /steps\[0\]\[0\] depends on run-time values .*: one round is placed, at most 3 more pods at once are not placed/,
    ],
    [
      custom("argoproj.io/v1alpha1", "Workflow", `{ entrypoint: m, templates: [{ name: m, steps: [[{ name: z, template: m }]] }] }`),
      /calls itself/,
    ],
    [
      custom(
        "argoproj.io/v1alpha1",
        "Workflow",
        `{ entrypoint: m, templates: [{ name: m, steps: [[{ name: z, template: "{{item}}" }]] }] }`,
      ),
      /runs \{\{item\}\}, which is known only when it runs/,
    ],
    [
      custom("argoproj.io/v1alpha1", "Workflow", "{ workflowTemplateRef: { name: nope } }"),
      /WorkflowTemplate "nope", which is not in the manifests/,
    ],
    [custom("tekton.dev/v1", "TaskRun", "{ taskRef: { name: nope } }"), /Task "nope", which is not in the manifests/],
    [custom("tekton.dev/v1", "TaskRun", "{ taskRef: { resolver: git } }"), /come from outside of the cluster \(git\)/],
    [
      custom(
        "tekton.dev/v1",
        "PipelineRun",
        `{ pipelineSpec: { tasks: [{ name: a, matrix: { params: [{ name: p, value: "$(tasks.x.results.y[*])" }] }, taskSpec: { steps: [{ image: i }] } }] } }`,
      ),
      /matrix depends on run-time values/,
    ],
    [
      custom("sparkoperator.k8s.io/v1beta2", "SparkApplication", "{ driver: {}, executor: {}, dynamicAllocation: { enabled: true } }"),
      /nothing bounds them: set maxExecutors/,
    ],
    [
      custom("trainer.kubeflow.org/v1alpha1", "TrainJob", "{ runtimeRef: { name: nope } }"),
      /ClusterTrainingRuntime "nope", which is not in the manifests/,
    ],
    [
      custom("serving.kserve.io/v1beta1", "InferenceService", "{ predictor: { model: {}, workerSpec: { pipelineParallelSize: 2 } } }"),
      /pipelineParallelSize 2.*the workers are not placed/,
    ],
    [custom("apps.nvidia.com/v1alpha1", "NIMService", "{ image: {}, multiNode: { size: 2 } }"), /ask for whole GPUs/],
    [custom("ray.io/v1", "RayJob", "{ clusterSelector: { a: b } }"), /it selects by label/],
    [
      custom(
        "argoproj.io/v1alpha1",
        "Workflow",
        `{ entrypoint: a, templates: [{ name: a, resource: { action: create, manifest: "kind: Job" } }] }`,
      ),
      /spec\.templates\[0\]\.resource creates or changes an object/,
    ],
    [
      custom(
        "argoproj.io/v1alpha1",
        "Workflow",
        `{ entrypoint: m, templates: [{ name: m, steps: [[{ name: s, template: a, hooks: { running: { template: a } } }]] }, { name: a, container: { image: b } }] }`,
      ),
      /hooks run when something comes true/,
    ],
    [custom("keda.sh/v1alpha1", "ScaledJob", "{}"), /up to maxReplicaCount/],
    [custom("kubeflow.org/v1beta1", "Experiment", "{}"), /Katib makes trials/],
  ])("%s", (yaml, why) => {
    expect(judge(yaml).outcomes).toEqual([expect.stringMatching(why)]);
  });
});

describe("what is in the pods", () => {
  test("a patch of a workflow's pods is applied, its claims included", () => {
    const [pod] = placementOf(
      custom(
        "argoproj.io/v1alpha1",
        "Workflow",
        `{ entrypoint: a, podSpecPatch: "resourceClaims: [{name: gpu, resourceClaimTemplateName: t}]", templates: [{ name: a, container: { image: b, resources: { claims: [{ name: gpu }] } } }] }`,
      ),
    ).pods;
    expect(pod?.spec).toMatchObject({
      resourceClaims: [{ name: "gpu" }],
      containers: [{ name: "main", image: "b", resources: { claims: [{ name: "gpu" }] } }],
    });
  });

  test("the claims of a NIMService are those of its container, and one that it describes is made", () => {
    const { pods, templates } = placementOf(
      custom(
        "apps.nvidia.com/v1alpha1",
        "NIMService",
        "{ image: { repository: r, tag: t }, draResources: [{ resourceClaimTemplateName: mine }, { claimCreationSpec: { devices: [{ name: gpu, count: 2, deviceClassName: c, driverName: gpu.nvidia.com }] } }] }",
      ),
    );
    expect(pods[0]?.spec).toMatchObject({
      resourceClaims: [{ resourceClaimTemplateName: "mine" }, { resourceClaimTemplateName: "x-claim-1" }],
      containers: [{ image: "r:t", resources: { claims: [{ name: "claim-0" }, { name: "claim-1" }] } }],
    });
    expect(templates).toMatchObject([
      { name: "x-claim-1", spec: { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "c", count: 2 } }] } } },
    ]);
  });

  test("memory of Spark's pods is the heap and its overhead", () => {
    const [driver, executor] = placementOf(
      custom(
        "sparkoperator.k8s.io/v1beta2",
        "SparkApplication",
        "{ type: Python, driver: { memory: 512m }, executor: { memory: 8g, cores: 2 } }",
      ),
    ).pods;
    const requests = (pod: typeof driver) => valueAt((valueAt(pod?.spec, "containers") as readonly unknown[])[0], "resources", "requests");
    expect(requests(driver)).toEqual({ cpu: "1", memory: "896Mi" });
    expect(requests(executor)).toEqual({ cpu: "2", memory: "11469Mi" });
  });

  test("a predictor has its own fields before those of its runtime", () => {
    const [pod] =
      placementOf(`${custom("serving.kserve.io/v1beta1", "InferenceService", "{ predictor: { nodeSelector: { a: own }, model: { runtime: r, args: [x] } } }")}
---
{ apiVersion: serving.kserve.io/v1alpha1, kind: ClusterServingRuntime, metadata: { name: r }, spec: { nodeSelector: { a: base, b: base }, containers: [{ name: kserve-container, image: i, args: [w] }] } }`).pods;
    expect(pod?.spec).toMatchObject({
      nodeSelector: { a: "own", b: "base" },
      containers: [{ name: "kserve-container", image: "i", args: ["w", "x"] }],
    });
  });
});

describe("Pod Security says where the resource has the field", () => {
  test.each<[string, string]>([
    [
      custom("serving.kserve.io/v1beta1", "InferenceService", "{ predictor: { model: { securityContext: { privileged: true } } } }"),
      "spec.predictor.model.securityContext.privileged",
    ],
    [
      custom("tekton.dev/v1", "TaskRun", "{ taskSpec: { steps: [{ image: i }] } }"),
      "spec.taskSpec.steps[0].securityContext.allowPrivilegeEscalation",
    ],
    [
      custom("tekton.dev/v1", "TaskRun", "{ taskSpec: { steps: [{ image: i }], sidecars: [{ image: i }] } }"),
      "spec.taskSpec.sidecars[0].securityContext.allowPrivilegeEscalation",
    ],
    [
      custom("argoproj.io/v1alpha1", "Workflow", "{ entrypoint: a, templates: [{ name: a, script: { image: b } }] }"),
      "spec.templates[0].script.securityContext.allowPrivilegeEscalation",
    ],
    [
      custom(
        "argoproj.io/v1alpha1",
        "Workflow",
        "{ entrypoint: a, templates: [{ name: a, containerSet: { containers: [{ name: c, image: b }] } }] }",
      ),
      "spec.templates[0].containerSet.containers[0].securityContext.allowPrivilegeEscalation",
    ],
    [
      custom("sparkoperator.k8s.io/v1beta2", "SparkApplication", "{ driver: {}, executor: {} }"),
      "spec.driver.securityContext.allowPrivilegeEscalation",
    ],
    [
      custom("sparkoperator.k8s.io/v1beta2", "SparkApplication", "{ driver: {}, executor: {} }"),
      "spec.driver.podSecurityContext.runAsNonRoot",
    ],
    [
      custom("serving.knative.dev/v1", "Service", "{ template: { spec: { containers: [{ image: i }] } } }"),
      "spec.template.spec.containers[0].securityContext",
    ],
    [custom("apps.nvidia.com/v1alpha1", "NIMService", "{ image: { repository: r, tag: t } }"), "run the image as a Deployment of your own"],
    [
      custom("trainer.kubeflow.org/v1alpha1", "TrainJob", "{ runtimeRef: { name: torch-distributed }, trainer: { image: i } }"),
      "Write a TrainingRuntime of your own",
    ],
    [custom("ray.io/v1", "RayJob", `{ rayClusterSpec: { headGroupSpec: { template: ${T} } } }`), "Write spec.submitterPodTemplate"],
    [custom("kubevirt.io/v1", "VirtualMachine", "{ runStrategy: Always, template: { spec: { domain: {} } } }"), "Run the work in a pod"],
  ])("%s", (yaml, part) => {
    const { problems, outcomes } = judge(yaml, "team");
    expect(problems.join("\n")).toContain(part);
    expect(outcomes).toEqual(["refused"]);
  });
});

describe("names that become too long for what controllers make of them", () => {
  const name = (length: number) => "n".repeat(length);
  const labels = "{ a: b }";
  const of = (apiVersion: string, kind: string, spec: string) => (length: number) =>
    `{ apiVersion: ${apiVersion}, kind: ${kind}, metadata: { name: ${name(length)} }, spec: ${spec} }`;
  const apps = `selector: { matchLabels: ${labels} }, template: { metadata: { labels: ${labels} }, spec: { ${C} } }`;

  test.each<[string, (length: number) => string, number]>([
    ["StatefulSet", of("apps/v1", "StatefulSet", `{ serviceName: s, ${apps} }`), 52],
    ["Deployment", of("apps/v1", "Deployment", `{ ${apps} }`), 242],
    [
      "LeaderWorkerSet of one pod",
      of("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", `{ leaderWorkerTemplate: { workerTemplate: ${T} } }`),
      52,
    ],
    [
      "LeaderWorkerSet with workers",
      of("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", `{ replicas: 11, leaderWorkerTemplate: { size: 2, workerTemplate: ${T} } }`),
      49,
    ],
    [
      "JobSet",
      of(
        "jobset.x-k8s.io/v1alpha2",
        "JobSet",
        `{ replicatedJobs: [{ name: workers, replicas: 2, template: { spec: { parallelism: 2, completions: 2, template: ${T} } } }] }`,
      ),
      63 - "-workers-1-1-abcde".length,
    ],
    ["RayCluster", of("ray.io/v1", "RayCluster", `{ headGroupSpec: { template: ${T} } }`), 53],
    ["RayJob", of("ray.io/v1", "RayJob", `{ rayClusterSpec: { headGroupSpec: { template: ${T} } } }`), 47],
  ])("%s", (_, yaml, most) => {
    expect(judge(yaml(most)).problems).toEqual([]);
    expect(judge(yaml(most + 1))).toMatchObject({
      pods: 0,
      problems: [
        expect.stringMatching(new RegExp(`metadata.name: .* has ${String(most + 1)} characters; .* Use at most ${String(most)}$`)),
      ],
      outcomes: ["refused"],
    });
  });

  test("one that has no pods now is told", () => {
    const yaml = of("apps/v1", "StatefulSet", `{ replicas: 0, serviceName: s, ${apps} }`)(53);
    expect(judge(yaml)).toMatchObject({ problems: [], warnings: [expect.stringContaining("as soon as it has pods: metadata.name")] });
  });
});

test("of every kind that creates something the table says which pods come of it", () => {
  const types = CUSTOM_KINDS.flatMap((entry) => (entry.type === "workload" ? [entry.makes.type] : []));
  expect(new Set(types)).toEqual(new Set(["pods", "template", "named"]));
  for (const { group, kinds } of CUSTOM_KINDS.filter((entry) => entry.type === "workload" && entry.makes.type === "pods")) {
    for (const kind of kinds) {
      const [object] = objectsOf(custom(`${group}/v1`, kind, "{}"), "free");
      expect(
        () => object && customPlacement(object, { count: (_, __, ___, otherwise) => otherwise, find: () => undefined, scaling: undefined }),
      ).not.toThrow();
    }
  }
});
