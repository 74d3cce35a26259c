import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedClaim } from "../../../src/kubernetes/fashion-mnist/claim";
import { readScripts, scriptsConfigMap } from "../../../src/kubernetes/fashion-mnist/scripts";
import { scrapePolicy, serviceMonitor } from "../../../src/kubernetes/fashion-mnist/metrics";
import { checkpointClaim } from "../../../src/kubernetes/fashion-mnist/volumes";
import type { WorkloadContext } from "../../../src/kubernetes/fashion-mnist/workloads";
import {
  LARGE_TRAINING,
  MEDIUM_TRAINING,
  inferenceDeployment,
  inferenceService,
  trainingJob,
} from "../../../src/kubernetes/fashion-mnist/workloads";

const CONTEXT: WorkloadContext = {
  namespace: "mig-test",
  image: "registry.example.com/pytorch:1",
  scripts: { type: "configMap", name: "fashion-mnist-0123abcd" },
  checkpoints: { type: "perPod" },
  slices: { type: "template" },
};

/** The parts of a manifest that these tests look at, without Pulumi's input types. */
interface PodSpec {
  readonly restartPolicy?: string;
  readonly automountServiceAccountToken: boolean;
  readonly nodeSelector: object;
  readonly tolerations: readonly object[];
  readonly securityContext: object;
  readonly volumes: readonly { readonly name: string; readonly emptyDir?: object }[];
  readonly containers: readonly [
    {
      readonly command: readonly string[];
      readonly env: readonly { readonly name: string; readonly value: string }[];
      readonly securityContext: object;
      readonly resources: { readonly requests: object; readonly limits: object };
      readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
      readonly startupProbe?: object;
    },
  ];
}

function podOf({ spec }: { readonly spec?: unknown }): PodSpec {
  return (spec as { template: { spec: PodSpec } }).template.spec;
}

function commandOf(workload: { readonly spec?: unknown }): readonly string[] {
  return podOf(workload).containers.flatMap(({ command }) => command);
}

const workloads = [
  ["mig-large-training", trainingJob(LARGE_TRAINING, CONTEXT)],
  ["mig-medium-training", trainingJob(MEDIUM_TRAINING, CONTEXT)],
  ["mig-small-inference", inferenceDeployment(CONTEXT)],
] as const;

describe.each(workloads)("%s", (_, workload) => {
  const pod = podOf(workload);
  const [container] = pod.containers;

  test("runs on GPU nodes, tolerating their taint", () => {
    expect(pod.nodeSelector).toEqual({ "node-role": "gpu" });
    expect(pod.tolerations).toEqual([{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }]);
  });

  test("is what the restricted Pod Security level wants, and has no Kubernetes credentials", () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } });
    expect(container.securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
    expect(pod.automountServiceAccountToken).toBe(false);
  });

  test("writes to volumes only, since its root file system is read-only", () => {
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    const variables = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
    const written = [variables.HOME, variables.TMPDIR, "/data", "/checkpoints"];
    const writable = pod.volumes.filter(({ emptyDir }) => emptyDir).map(({ name }) => name);
    expect(container.volumeMounts.filter(({ name }) => writable.includes(name)).map(({ mountPath }) => mountPath)).toEqual(
      expect.arrayContaining(written),
    );
  });

  test("says how much CPU and memory it needs beside the GPU, with a memory limit", () => {
    expect(container.resources).toMatchObject({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
  });

  test("finds the package where the ConfigMap is mounted", () => {
    expect(container.env).toContainEqual({ name: "PYTHONPATH", value: "/opt/workloads" });
    expect(container.volumeMounts).toContainEqual({ name: "scripts", mountPath: "/opt/workloads/fashion_mnist", readOnly: true });
  });
});

describe("the command line", () => {
  const command = commandOf(trainingJob(MEDIUM_TRAINING, CONTEXT));

  test("makes the program check the profile it got, which is what the tier is on one GPU or another", () => {
    expect(command.slice(0, 4)).toEqual(["python", "-m", "fashion_mnist.medium_training", "--expect-profile"]);
    expect(command[4]?.split(",")).toEqual(expect.arrayContaining(["2g.10gb", "2g.20gb", "2g.35gb"]));
    expect(command[4]?.split(",").every((profile) => profile.startsWith("2g."))).toBe(true);
  });

  test("downloads over HTTPS, which is all that a team's namespace lets out", () => {
    const [, url] = command.slice(command.indexOf("--data-url"));
    expect(url).toMatch(/^https:/);
  });

  test("makes the inference a continuous load that also serves", () => {
    const arguments_ = commandOf(inferenceDeployment(CONTEXT));
    expect(arguments_).toEqual(
      expect.arrayContaining(["fashion_mnist.small_inference", "--expect-profile", "--port", "8080", "--self-load"]),
    );
  });
});

test("a training pod is never restarted in place, and not tried again after an error that a retry cannot mend", () => {
  const job = trainingJob(LARGE_TRAINING, CONTEXT);
  expect(podOf(job).restartPolicy).toBe("Never");
  expect(job.spec).toMatchObject({
    podFailurePolicy: {
      rules: [
        { action: "FailJob", onExitCodes: { operator: "In", values: [2, 65, 78] } },
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] },
      ],
    },
  });
  expect(job.spec).not.toHaveProperty("ttlSecondsAfterFinished");
});

test("the inference needs no second slice to be updated, and has an address", () => {
  expect(inferenceDeployment(CONTEXT).spec).toMatchObject({
    strategy: { type: "Recreate" },
    selector: { matchLabels: { "app.kubernetes.io/name": "mig-small-inference" } },
  });
  expect(inferenceService("mig-test").spec).toMatchObject({
    selector: { "app.kubernetes.io/name": "mig-small-inference" },
    ports: [{ port: 80, targetPort: "http" }],
  });
});

describe("with the programs in the image", () => {
  const job = trainingJob(MEDIUM_TRAINING, { ...CONTEXT, scripts: { type: "image" } });

  test("nothing is mounted over them and nothing is downloaded", () => {
    expect(podOf(job).containers[0].volumeMounts.map(({ name }) => name)).not.toContain("scripts");
    expect(podOf(job).volumes.map(({ name }) => name)).not.toContain("scripts");
    expect(commandOf(job)).not.toContain("--data-url");
  });

  test("the pod is not let out to the internet", () => {
    expect(JSON.stringify(job)).not.toContain("shared-gpu/egress");
    expect(JSON.stringify(trainingJob(MEDIUM_TRAINING, CONTEXT))).toContain("shared-gpu/egress");
  });
});

describe("with shared checkpoints", () => {
  const shared: WorkloadContext = { ...CONTEXT, checkpoints: { type: "shared", claimName: "fashion-mnist-checkpoints" } };
  const pods = [trainingJob(LARGE_TRAINING, shared), trainingJob(MEDIUM_TRAINING, shared), inferenceDeployment(shared)];

  test.each(pods)("the pods have one volume and one node", (workload) => {
    expect(podOf(workload).volumes).toContainEqual({
      name: "checkpoints",
      persistentVolumeClaim: { claimName: "fashion-mnist-checkpoints" },
    });
    const labels = (workload.spec as { template: { metadata: { labels: object } } }).template.metadata.labels;
    expect(labels).toMatchObject({ "app.kubernetes.io/part-of": "fashion-mnist" });
    expect(podOf(workload)).toMatchObject({
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { "app.kubernetes.io/part-of": "fashion-mnist" } } },
          ],
        },
      },
    });
  });

  test("the volume is encrypted gp3 of the size that was asked for", () => {
    expect(checkpointClaim("mig-test", "gp3", 20)).toMatchObject({
      metadata: { name: "fashion-mnist-checkpoints", namespace: "mig-test" },
      spec: { accessModes: ["ReadWriteOnce"], storageClassName: "gp3", resources: { requests: { storage: "20Gi" } } },
    });
  });
});

test("Prometheus is told of the inference service and let in to it, and nobody else", () => {
  const target = { name: "mig-small-inference", namespace: "mig-test", port: 8080 };
  expect(serviceMonitor(target)).toMatchObject({
    spec: {
      selector: { matchLabels: { "app.kubernetes.io/name": "mig-small-inference" } },
      endpoints: [{ port: "http", path: "/metrics" }],
    },
  });
  expect(inferenceService("mig-test").metadata).toMatchObject({ labels: { "app.kubernetes.io/name": "mig-small-inference" } });
  expect(scrapePolicy(target).spec).toEqual({
    podSelector: { matchLabels: { "app.kubernetes.io/name": "mig-small-inference" } },
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
        ports: [{ protocol: "TCP", port: 8080 }],
      },
    ],
  });
});

test("the shared claim asks for one slice of each tier with the same parent GPU", () => {
  expect(sharedClaim("mig-test")).toEqual({
    metadata: { name: "fashion-mnist-shared", namespace: "mig-test" },
    spec: {
      devices: {
        requests: ["small", "medium", "large"].map((tier) => ({
          name: tier,
          exactly: { deviceClassName: `mig-${tier}.nvidia.com`, allocationMode: "ExactCount", count: 1 },
        })),
        constraints: [{ requests: ["small", "medium", "large"], matchAttribute: "gpu.nvidia.com/parentUUID" }],
      },
    },
  });
});

describe("the scripts", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "scripts-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const write = (name: string, content: string) => {
    writeFileSync(join(directory, name), content);
  };

  test("are the Python files and wheels of the directory, and the ConfigMap's name changes with any of them", () => {
    write("a.py", "a");
    write("notes.md", "no");
    const withoutWheel = scriptsConfigMap(readScripts(directory), "mig-test");
    write("library-1.0-py3-none-any.whl", "PK");
    const before = scriptsConfigMap(readScripts(directory), "mig-test");
    expect(before).toMatchObject({ metadata: { namespace: "mig-test" }, immutable: true, data: { "a.py": "a" } });
    expect(before.binaryData).toEqual({ "library-1.0-py3-none-any.whl": "UEs=" });
    expect(before.data).not.toHaveProperty(["notes.md"]);
    expect(before.metadata.name).not.toBe(withoutWheel.metadata.name);
    write("a.py", "b");
    expect(scriptsConfigMap(readScripts(directory), "mig-test").metadata.name).not.toBe(before.metadata.name);
  });

  test("must be there", () => {
    expect(() => readScripts(directory)).toThrow(`fashionMnist: ${directory} has no Python files`);
    expect(() => readScripts(join(directory, "missing"))).toThrow("has no Python files");
  });

  test("must fit into a ConfigMap", () => {
    write("small.py", "");
    write("large.py", "#".repeat(901 * 1024));
    expect(() => readScripts(directory)).toThrow(/901 KiB together \(large\.py alone 901 KiB\), and a ConfigMap holds 900 KiB/);
  });

  test("of this project fit", () => {
    const { modules, wheels } = readScripts();
    expect(Object.keys(modules)).toEqual(expect.arrayContaining(["__init__.py", "large_training.py", "medium_training.py"]));
    expect(Object.keys(wheels)).toEqual([expect.stringMatching(/^h11-.*-py3-none-any\.whl$/)]);
  });
});
