import { ADMISSION_POLICIES } from "../../src/kubernetes/admission/policies";
import type { Chart } from "../../src/config/types";
import type { Recording } from "../support/program";
import { ofType, only, plainState } from "../support/program";
import { CONFIG, FASHION_MNIST, TEAM, gpuPool } from "./fixtures";
import { runStack } from "./stack";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const NAMESPACE = "kubernetes:core/v1:Namespace";
const JOB = "kubernetes:batch/v1:Job";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const TEMPLATE = "kubernetes:resource.k8s.io/v1:ResourceClaimTemplate";
const CLAIM = "kubernetes:resource.k8s.io/v1:ResourceClaim";
const DEVICE_CLASS = "kubernetes:resource.k8s.io/v1:DeviceClass";
const POLICY = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy";

/** The whole of it as the dev stack has it. */
let recording: Recording;
beforeAll(async () => {
  recording = await runStack();
});

describe("the platform's charts", () => {
  test("are installed under fixed names, each in a namespace of its own that lets privileged pods in", () => {
    const installed = ofType(recording, RELEASE)
      .map(({ inputs }) => [inputs.name, inputs.namespace, inputs.version])
      .sort();
    expect(installed).toEqual([
      ["gpu-operator", "gpu-operator", "v26.3.3"],
      ["kube-prometheus-stack", "monitoring", "88.5.3"],
      ["nvidia-dra-driver-gpu", "nvidia-dra-driver", "0.4.1"],
    ]);
    const namespaces = new Map(ofType(recording, NAMESPACE).map(({ inputs: { metadata } }) => [metadata.name, metadata.labels]));
    for (const [, namespace] of installed) {
      expect(namespaces.get(namespace)).toEqual({ "pod-security.kubernetes.io/enforce": "privileged" });
    }
  });

  test("the GPU Operator comes after the ServiceMonitor CRD, which is in kube-prometheus-stack, and labels its monitor for it", () => {
    const prometheus = only(recording, RELEASE, "monitoring");
    expect(only(recording, "shared-gpu:kubernetes:GpuOperator").dependencies).toContain(prometheus.urn);
    expect(only(recording, RELEASE, "gpu-operator").inputs.values.dcgmExporter.serviceMonitor).toEqual({
      enabled: true,
      additionalLabels: { release: "kube-prometheus-stack" },
    });
  });

  test("the DRA driver's plugin runs only where MIG Manager is done", () => {
    expect(only(recording, RELEASE, "dra-driver").inputs.values.kubeletPlugin.nodeSelector).toEqual({
      "nvidia.com/mig.config.state": "success",
    });
  });

  test("Grafana's password is generated and never readable in the state; the chart gets the name of the Secret", () => {
    const password = only(recording, "random:index/randomPassword:RandomPassword");
    const secret = only(recording, "kubernetes:core/v1:Secret");
    expect(password.inputs).toMatchObject({ length: 32 });
    expect(secret.inputs.stringData["admin-password"]).toBe(password.outputs.result);
    expect(plainState(recording)).not.toContain(String(password.outputs.result));
    expect(only(recording, RELEASE, "monitoring").inputs.values.grafana.admin.existingSecret).toBe(secret.inputs.metadata.name);
    expect(recording.outputs.grafana).toMatchObject({
      portForward: "kubectl -n monitoring port-forward service/kube-prometheus-stack-grafana 3000:80",
      passwordCommand: expect.stringContaining(`get secret ${String(secret.inputs.metadata.name)}`) as string,
    });
  });
});

describe("PartitionGate", () => {
  test("makes Pulumi wait longer than the Job can take, and replaces the Job, whose spec cannot change", () => {
    const job = only(recording, JOB, "partition-gate");
    expect(job.options).toMatchObject({
      customTimeouts: { create: "75m", update: "75m" },
      replaceOnChanges: ["spec"],
      deleteBeforeReplace: true,
    });
  });

  test("runs as a pod that the restricted level accepts, on system nodes, as the service account that is bound to the role", () => {
    const { spec } = only(recording, JOB, "partition-gate").inputs.spec.template;
    expect(only(recording, "kubernetes:core/v1:Namespace", "partition-gate").inputs.metadata.labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "restricted",
    });
    expect(spec).toMatchObject({
      serviceAccountName: "partition-gate",
      nodeSelector: { "node-role": "system" },
      securityContext: { runAsNonRoot: true },
    });
    expect(spec.containers[0]).toMatchObject({ image: CONFIG.partitionGate.image, securityContext: { capabilities: { drop: ["ALL"] } } });
    expect(only(recording, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "partition-gate").inputs).toMatchObject({
      roleRef: { kind: "ClusterRole", name: "partition-gate" },
      subjects: [{ kind: "ServiceAccount", name: "partition-gate", namespace: "partition-gate" }],
    });
  });

  test("starts after its rights and its script exist", () => {
    const types = only(recording, JOB, "partition-gate").dependencies.map((urn) => urn.split("$").at(-1)?.split("::")[0]);
    expect(types).toEqual(
      expect.arrayContaining([
        "kubernetes:core/v1:ServiceAccount",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        "kubernetes:core/v1:ConfigMap",
      ]),
    );
  });
});
describe("DeviceTiers and Teams", () => {
  test("make a class per tier, and in every team's namespace a template of each", () => {
    // In no order: the SDK registers a resource once what it depends on has an answer.
    const classes = ofType(recording, DEVICE_CLASS).map(({ inputs }) => String(inputs.metadata.name));
    expect(classes.sort()).toEqual(["mig-large.nvidia.com", "mig-medium.nvidia.com", "mig-small.nvidia.com"]);
    const requested = ofType(recording, TEMPLATE).map(({ inputs }) => [
      inputs.metadata.namespace,
      inputs.metadata.name,
      inputs.spec.spec.devices.requests[0].exactly.deviceClassName,
    ]);
    expect(requested.sort()).toEqual([
      ["mig-test", "mig-large-template", "mig-large.nvidia.com"],
      ["mig-test", "mig-medium-template", "mig-medium.nvidia.com"],
      ["mig-test", "mig-small-template", "mig-small.nvidia.com"],
    ]);
  });

  test("stay as they are, and the example workloads too, when there is a pool of another GPU", async () => {
    const kinds = [DEVICE_CLASS, TEMPLATE, JOB, DEPLOYMENT];
    const inputsOf = (stack: Recording) =>
      kinds.map((kind) =>
        Object.fromEntries(
          ofType(stack, kind).flatMap(({ name, inputs }) => (name === "partition-gate" ? [] : [[name, inputs as unknown]])),
        ),
      );
    const more = [...CONFIG.gpuPools, gpuPool({ name: "h200", instanceType: "p5en.48xlarge" })];
    expect(inputsOf(await runStack({ gpuPools: more }))).toEqual(inputsOf(recording));
  });

  test("replace a template whose spec changes, deleting the old one first: the spec is immutable and the name fixed", () => {
    for (const { options } of ofType(recording, TEMPLATE)) {
      expect(options).toMatchObject({ replaceOnChanges: ["spec"], deleteBeforeReplace: true });
    }
  });

  test("mark the namespace for the admission policies and hold its pods to the restricted level", () => {
    expect(only(recording, "kubernetes:core/v1:Namespace", "mig-test").inputs.metadata.labels).toMatchObject({
      "shared-gpu/team": "mig-test",
      "pod-security.kubernetes.io/enforce": "restricted",
    });
  });

  test("give the team's group its role", () => {
    expect(only(recording, "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "mig-test").inputs).toMatchObject({
      metadata: { namespace: "mig-test" },
      roleRef: { kind: "Role", name: "team-member" },
      subjects: [{ kind: "Group", name: "mig-testers" }],
    });
  });

  test("everything in a namespace waits for the namespace", () => {
    const namespace = only(recording, "kubernetes:core/v1:Namespace", "mig-test").urn;
    const inside = recording.resources.filter(
      ({ inputs, parent }) => inputs.metadata?.namespace === "mig-test" && parent?.endsWith("::teams"),
    );
    expect(inside).toHaveLength(11);
    for (const { dependencies } of inside) {
      expect(dependencies).toContain(namespace);
    }
  });
});

describe("AdmissionPolicies", () => {
  test("are registered one and all, each policy with its binding", () => {
    const names = (type: string) => ofType(recording, type).map(({ inputs }) => String(inputs.metadata.name));
    const expected = ADMISSION_POLICIES.map(({ name }) => name).sort();
    expect(names(POLICY).sort()).toEqual(expected);
    expect(names(`${POLICY}Binding`).sort()).toEqual(expected);
  });
});

describe("FashionMnist", () => {
  const workload = (stack: Recording, type: string, name: string) => only(stack, type, name).inputs.spec.template.spec;

  test("runs both trainings as Jobs and the inference as a Deployment, none of which Pulumi waits for", () => {
    const made = recording.resources.filter(({ parent, inputs }) => parent?.endsWith("::fashion-mnist") && inputs.spec?.template);
    expect(made.map(({ type, name, inputs }) => [type, name, inputs.metadata.annotations["pulumi.com/skipAwait"]])).toEqual([
      [JOB, "mig-large-training", "true"],
      [JOB, "mig-medium-training", "true"],
      [DEPLOYMENT, "mig-small-inference", "true"],
    ]);
    for (const { options } of made) {
      expect(options).toMatchObject({ replaceOnChanges: ["spec"], deleteBeforeReplace: true });
    }
  });

  test("what Pulumi does not wait for is deleted in the background, or the object in its place would meet one that is still there", async () => {
    const shared = await runStack({ fashionMnist: { ...FASHION_MNIST, checkpoints: { type: "shared", sizeGiB: 10 } } });
    const notAwaited = shared.resources.filter(({ inputs }) => inputs.metadata?.annotations?.["pulumi.com/skipAwait"] === "true");
    expect(notAwaited.map(({ type }) => type.split(":").at(-1)).sort()).toEqual([
      // The inference service, and the slice exporter.
      "Deployment",
      "Deployment",
      "Job",
      "Job",
      "PersistentVolumeClaim",
      "Service",
    ]);
    for (const { inputs } of notAwaited) {
      expect(inputs.metadata.annotations["pulumi.com/deletionPropagationPolicy"]).toBe("background");
    }
  });

  test("gives each workload a slice of its own from the team's templates", () => {
    expect(workload(recording, JOB, "mig-large-training").resourceClaims).toEqual([
      { name: "slice", resourceClaimTemplateName: "mig-large-template" },
    ]);
    expect(workload(recording, DEPLOYMENT, "mig-small-inference").containers[0].resources.claims).toEqual([{ name: "slice" }]);
    expect(ofType(recording, CLAIM)).toEqual([]);
  });

  test("ships every Python file of the workloads in an immutable ConfigMap that the pods mount", () => {
    const { inputs } = only(recording, "kubernetes:core/v1:ConfigMap", "fashion-mnist");
    expect(inputs.immutable).toBe(true);
    expect(Object.keys(inputs.data)).toEqual(expect.arrayContaining(["__init__.py", "large_training.py", "medium_training.py"]));
    expect(workload(recording, JOB, "mig-large-training").volumes).toContainEqual({
      name: "scripts",
      configMap: { name: inputs.metadata.name },
    });
  });

  test("puts all on one physical GPU through one claim when they are colocated", async () => {
    const stack = await runStack({ fashionMnist: { ...FASHION_MNIST, colocate: true } });
    const claim = only(stack, CLAIM);
    expect(claim.inputs.spec.devices.constraints).toEqual([
      { requests: ["small", "medium", "large"], matchAttribute: "gpu.nvidia.com/parentUUID" },
    ]);
    expect(claim.options).toMatchObject({ replaceOnChanges: ["spec"], deleteBeforeReplace: true });
    for (const [type, name, request] of [
      [JOB, "mig-large-training", "large"],
      [JOB, "mig-medium-training", "medium"],
      [DEPLOYMENT, "mig-small-inference", "small"],
    ] as const) {
      const pod = workload(stack, type, name);
      expect(pod.resourceClaims).toEqual([{ name: "shared-slice", resourceClaimName: "fashion-mnist-shared" }]);
      expect(pod.containers[0].resources.claims).toEqual([{ name: "shared-slice", request }]);
      expect(only(stack, type, name).propertyDependencies.spec).toContain(claim.urn);
    }
  });
});

describe("another stack: charts from elsewhere, a layout of one's own, GPUs with two sizes, a team without a group, no workloads", () => {
  const draDriver: Chart = {
    chart: "oci://mirror.example.com/dra",
    repository: undefined,
    version: "25.8.2",
    values: { logVerbosity: "6" },
  };
  const layout = { name: "inference", gpus: [{ devices: "all" as const, profiles: { "1g.24gb": 4 } }] };
  let other: Recording;
  beforeAll(async () => {
    other = await runStack({
      charts: { ...CONFIG.charts, draDriver },
      gpuPools: [gpuPool({ instanceType: "g7e.2xlarge", layout })],
      teams: [{ ...TEAM, group: undefined }],
      fashionMnist: { type: "none" },
    });
  });

  test("takes the chart from where the configuration says, with its values over the platform's", () => {
    const { inputs } = only(other, RELEASE, "dra-driver");
    expect(inputs).toMatchObject({ chart: "oci://mirror.example.com/dra", version: "25.8.2" });
    expect(inputs.values).toMatchObject({ logVerbosity: "6", nvidiaDriverRoot: "/" });
  });

  test("gives the layout to MIG Manager through the operator's values", () => {
    expect(only(other, RELEASE, "gpu-operator").inputs.values.migManager.config.data["config.yaml"]).toContain('"inference"');
  });

  test("has no template for large slices, which its GPUs do not have", () => {
    const templates = ofType(other, TEMPLATE).map(({ inputs }) => String(inputs.metadata.name));
    expect(templates.sort()).toEqual(["mig-medium-template", "mig-small-template"]);
  });

  test("gives nobody rights in the team's namespace", () => {
    expect(ofType(other, "kubernetes:rbac.authorization.k8s.io/v1:Role")).toEqual([]);
  });

  test("makes nothing of the workloads", () => {
    expect(other.resources.filter(({ parent }) => parent?.endsWith("::fashion-mnist"))).toEqual([]);
  });
});
