/** The composition as a whole: what waits for what, what comes out, and that it survives a preview. */
import { ofType, only, plainState, runFailingProgram } from "./support/program";
import type { Recording } from "./support/program";
import { recordedProgram } from "./support/recordings/recorded-program";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";

/** URNs of everything that a resource waits for, near and far. A child waits for its parent's registration, and the parent for its own dependencies. */
function waitsFor(recording: Recording, urn: string): ReadonlySet<string> {
  const byUrn = new Map(recording.resources.map((resource) => [resource.urn, resource]));
  const seen = new Set<string>();
  const visit = (current: string): void => {
    const resource = byUrn.get(current);
    if (resource === undefined || seen.has(current)) {
      return;
    }
    seen.add(current);
    [...resource.dependencies, ...Object.values(resource.propertyDependencies).flat(), resource.parent ?? ""].forEach(visit);
  };
  visit(urn);
  seen.delete(urn);
  return seen;
}

describe("the dev stack", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await recordedProgram();
  });

  const urnOf = (type: string, name?: string) => only(recording, type, name).urn;

  test("the operator and the driver are installed while the GPU node boots", () => {
    const gpuPool = urnOf(NODE_GROUP, "a100");
    const systemPool = urnOf(NODE_GROUP, "system");
    for (const chart of ["monitoring", "gpu-operator", "dra-driver"]) {
      const before = waitsFor(recording, urnOf(RELEASE, chart));
      expect(before).toContain(systemPool);
      expect(before).not.toContain(gpuPool);
    }
  });

  test("the default storage class is replaced where it cannot be changed", () => {
    const { replaceOnChanges, deleteBeforeReplace } = only(recording, "kubernetes:storage.k8s.io/v1:StorageClass").options;
    expect(replaceOnChanges).toEqual(expect.arrayContaining(["reclaimPolicy", "volumeBindingMode"]));
    expect(deleteBeforeReplace).toBe(true);
  });

  test("what an earlier release registered under another URN keeps its place in a running stack", () => {
    const former = (type: string, name?: string) => only(recording, type, name).options.aliases;
    const urn = (rest: string) => `urn:pulumi:dev::shared-gpu::${rest}`;
    expect(former("shared-gpu:kubernetes:AdmissionPolicies")).toEqual([urn("shared-gpu:kubernetes:Guardrails::guardrails")]);
    expect(former("kubernetes:storage.k8s.io/v1:StorageClass")).toContain(urn("kubernetes:storage.k8s.io/v1:StorageClass::gp3"));
  });

  test("monitoring comes before the operator, the operator before the driver", () => {
    expect(waitsFor(recording, urnOf(RELEASE, "gpu-operator"))).toContain(urnOf(RELEASE, "monitoring"));
    expect(waitsFor(recording, urnOf(RELEASE, "dra-driver"))).toContain(urnOf(RELEASE, "gpu-operator"));
  });

  test("the partition gate waits for the driver and for the GPU nodes, and the workloads for the gate", () => {
    const gate = urnOf("kubernetes:batch/v1:Job", "partition-gate");
    const before = waitsFor(recording, gate);
    expect(before).toContain(urnOf(RELEASE, "dra-driver"));
    expect(before).toContain(urnOf(NODE_GROUP, "a100"));
    const workloads = [
      urnOf("kubernetes:batch/v1:Job", "mig-large-training"),
      urnOf("kubernetes:batch/v1:Job", "mig-medium-training"),
      urnOf("kubernetes:apps/v1:Deployment", "mig-small-inference"),
    ];
    for (const workload of workloads) {
      expect(waitsFor(recording, workload)).toContain(gate);
    }
  });

  test("teams get their claim templates only after classes and admission policies", () => {
    const before = waitsFor(recording, urnOf("kubernetes:resource.k8s.io/v1:ResourceClaimTemplate", "mig-test-mig-large-template"));
    for (const { urn } of ofType(recording, "kubernetes:resource.k8s.io/v1:DeviceClass")) {
      expect(before).toContain(urn);
    }
    for (const { urn } of ofType(recording, "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding")) {
      expect(before).toContain(urn);
    }
  });

  test("everything in the cluster is made through the cluster's own provider", () => {
    const provider = only(recording, "pulumi:providers:kubernetes", "control-plane").urn;
    const inCluster = recording.resources.filter(({ type, madeBy }) => type.startsWith("kubernetes:") && madeBy === undefined);
    expect(inCluster.length).toBeGreaterThan(30);
    expect(inCluster.filter((resource) => !resource.provider.startsWith(provider)).map(({ urn }) => urn)).toEqual([]);
  });

  test("the outputs tell how to get in, what there is and what it costs", () => {
    expect(recording.outputs).toMatchObject({
      clusterName: "shared-gpu-dev",
      region: "us-east-1",
      vpcId: expect.stringMatching(/^vpc-/) as string,
      gpuPools: [
        { name: "a100", zone: "us-east-1a", min: 1, desired: 1, max: 2, slicesPerNode: { "1g.5gb": 16, "2g.10gb": 8, "3g.20gb": 8 } },
      ],
      namespaces: ["mig-test"],
      grafana: { url: "http://localhost:3000", user: "admin" },
      hourlyCost: { usdPerHour: 22.2496, unpriced: [], source: "us-east-1 list price of 2026-07-20" },
    });
  });

  test("kubeconfig and Grafana's password are secret, and neither stands in the plain state", () => {
    expect(recording.secretOutputs).toContain("kubeconfig");
    const password = only(recording, "random:index/randomPassword:RandomPassword").outputs.result as string;
    expect(password.length).toBeGreaterThan(20);
    const state = plainState(recording);
    // Compared to a boolean, since the text is half a megabyte.
    expect(state.includes(password)).toBe(false);
    expect(state.includes(Buffer.from(password).toString("base64"))).toBe(false);
  });
});

describe("other stacks", () => {
  test("a preview, where half of everything is unknown, registers the same resources", async () => {
    const [known, preview] = [await recordedProgram(), await recordedProgram({ mode: "preview" })];
    const own = (recording: Recording) =>
      recording.resources.filter(({ madeBy }) => madeBy === undefined).map(({ type, name }) => `${type} ${name}`);
    expect(own(preview).sort()).toEqual(own(known).sort());
  });

  test("without monitoring nothing of it is there, and nothing waits for it", async () => {
    const recording = await recordedProgram({ config: { monitoring: { type: "none" } } });
    expect(
      ofType(recording, RELEASE)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["dra-driver", "gpu-operator"]);
    expect(only(recording, RELEASE, "gpu-operator").inputs.values).not.toHaveProperty("dcgmExporter");
    expect(recording.resources.filter(({ type }) => type.includes("monitoring.coreos.com"))).toEqual([]);
    expect(recording.outputs).not.toHaveProperty("grafana");
    expect(only(recording, "kubernetes:batch/v1:Job", "partition-gate")).toBeDefined();
  });

  test("without example workloads there are none", async () => {
    const recording = await recordedProgram({ config: { fashionMnist: { type: "none" } } });
    expect(ofType(recording, "kubernetes:apps/v1:Deployment").map(({ name }) => name)).toEqual(["monitoring-slices"]);
    expect(ofType(recording, "kubernetes:batch/v1:Job").map(({ name }) => name)).toEqual(["partition-gate"]);
  });

  test("with `colocate` the three share one claim on one physical GPU", async () => {
    const recording = await recordedProgram({ config: { fashionMnist: { type: "deployed", team: "mig-test", colocate: true } } });
    const claim = only(recording, "kubernetes:resource.k8s.io/v1:ResourceClaim");
    expect(claim.inputs.spec.devices.constraints).toEqual([
      { matchAttribute: "gpu.nvidia.com/parentUUID", requests: expect.arrayContaining(["large", "medium", "small"]) as string[] },
    ]);
  });

  test("every pool is a node group of its own, in its own zone", async () => {
    const pool = { instanceType: "p4d.24xlarge", size: { desired: 1 } };
    const recording = await recordedProgram({
      config: {
        gpuPools: [
          { ...pool, name: "first" },
          { ...pool, name: "second", availabilityZone: "us-east-1d" },
        ],
      },
    });
    expect(
      ofType(recording, NODE_GROUP)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["first", "second", "system"]);
    expect(recording.outputs.gpuPools).toMatchObject([
      { name: "first", zone: "us-east-1a" },
      { name: "second", zone: "us-east-1d" },
    ]);
  });

  test("where no zone offers the GPUs, nothing is registered", async () => {
    const recording = await runFailingProgram({ offers: { offerings: { "p4d.24xlarge": ["us-east-1c"] } } });
    expect(recording.errors.join("\n")).toContain("p4d.24xlarge");
    expect(recording.errors.join("\n")).toContain("us-east-1c");
    expect(recording.resources.filter(({ kind }) => kind === "custom" || kind === "component" || kind === "remoteComponent")).toEqual([]);
  });
});
