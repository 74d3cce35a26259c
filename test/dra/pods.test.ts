import { podClaims, readPod, readPodSpec } from "../../src/dra/pods";
import type { Pod } from "../../src/dra/pods";

function read(spec: unknown): Pod {
  const reading = readPodSpec(spec, { name: "train", namespace: "mig-test" });
  if (reading.type === "invalid") {
    throw new Error(reading.problems.join("\n"));
  }
  return reading.pod;
}

function problems(spec: unknown): readonly string[] {
  const reading = readPodSpec(spec, { name: "train", namespace: "mig-test" });
  return reading.type === "invalid" ? reading.problems : [];
}

describe("a pod's claims", () => {
  const spec = {
    resourceClaims: [
      { name: "own", resourceClaimTemplateName: "mig-large-template" },
      { name: "shared", resourceClaimName: "one-gpu" },
    ],
    containers: [{ name: "main", resources: { claims: [{ name: "own" }, { name: "shared", request: "large" }] } }],
    initContainers: [{ name: "setup", resources: { claims: [{ name: "own" }] } }],
  };

  it("come from claims and templates, and say which container sees which request", () => {
    expect(podClaims(spec)).toEqual({
      type: "claims",
      claims: [
        { name: "own", source: { type: "template", templateName: "mig-large-template" } },
        { name: "shared", source: { type: "claim", claimName: "one-gpu" } },
      ],
      uses: [
        { container: "setup", claim: "own", request: undefined },
        { container: "main", claim: "own", request: undefined },
        { container: "main", claim: "shared", request: "large" },
      ],
    });
  });

  it.each<[string, unknown, string]>([
    [
      "an unknown field",
      { resourceClaims: [{ name: "a", resourceClaimName: "x", source: {} }] },
      "spec.resourceClaims[0].source: unknown field",
    ],
    ["no source", { resourceClaims: [{ name: "a" }] }, "exactly one of"],
    ["two sources", { resourceClaims: [{ name: "a", resourceClaimName: "x", resourceClaimTemplateName: "y" }] }, "exactly one of"],
    ["no name", { resourceClaims: [{ resourceClaimName: "x" }] }, "spec.resourceClaims[0].name: required"],
    [
      "a name twice",
      {
        resourceClaims: [
          { name: "a", resourceClaimName: "x" },
          { name: "a", resourceClaimName: "y" },
        ],
      },
      "duplicate",
    ],
    ["a malformed claim name", { resourceClaims: [{ name: "a", resourceClaimName: "X" }] }, "spec.resourceClaims[0].resourceClaimName"],
    [
      "use of a claim that the pod does not have",
      { containers: [{ resources: { claims: [{ name: "a" }] } }] },
      "spec.containers[0].resources.claims[0].name",
    ],
    [
      "use of a request besides the whole claim",
      {
        resourceClaims: [{ name: "a", resourceClaimName: "x" }],
        containers: [{ resources: { claims: [{ name: "a" }, { name: "a", request: "r" }] } }],
      },
      "spec.containers[0].resources.claims[1]",
    ],
  ])("are refused with %s", (_, podSpec, expected) => {
    const reading = podClaims(podSpec);
    expect(reading.type === "invalid" ? reading.problems : []).toEqual(expect.arrayContaining([expect.stringContaining(expected)]));
  });
});

describe("what a pod asks of its node", () => {
  it.each<[string, unknown, Record<string, number>]>([
    ["nothing", { containers: [{}] }, {}],
    [
      "the sum of its containers, in thousandths of a core and in bytes",
      {
        containers: [
          { resources: { requests: { cpu: "1500m", memory: "1Gi" } } },
          { resources: { requests: { cpu: 2, "nvidia.com/gpu": "1" } } },
        ],
      },
      { cpu: 3500, memory: 2 ** 30, "nvidia.com/gpu": 1 },
    ],
    [
      "limits where there is no request",
      { containers: [{ resources: { limits: { cpu: "2" }, requests: { memory: "1k" } } }] },
      { cpu: 2000, memory: 1000 },
    ],
    [
      "the largest init container, if that is more",
      {
        containers: [{ resources: { requests: { cpu: "1" } } }],
        initContainers: [{ resources: { requests: { cpu: "3" } } }, { resources: { requests: { cpu: "2" } } }],
      },
      { cpu: 3000 },
    ],
    [
      "sidecars with the containers, and with the init containers after them",
      {
        containers: [{ resources: { requests: { cpu: "1" } } }],
        initContainers: [{ restartPolicy: "Always", resources: { requests: { cpu: "1" } } }, { resources: { requests: { cpu: "4" } } }],
      },
      { cpu: 5000 },
    ],
    [
      "what it asks for as a whole, and its overhead",
      { containers: [{ resources: { requests: { cpu: "1" } } }], resources: { requests: { cpu: "6" } }, overhead: { cpu: "250m" } },
      { cpu: 6250 },
    ],
    ["fractions rounded up", { containers: [{ resources: { requests: { cpu: "0.0001", memory: "100m" } } }] }, { cpu: 1, memory: 1 }],
  ])("is %s", (_, spec, expected) => {
    expect(read(spec).requests).toEqual(expected);
  });

  it("has to be quantities", () => {
    expect(problems({ containers: [{ resources: { requests: { cpu: "many" } } }] })).toEqual([
      expect.stringContaining("spec.containers[0].resources.requests.cpu"),
    ]);
  });
});

describe("where a pod may run", () => {
  it("is read from node selector, required affinity and tolerations", () => {
    const term = { matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] };
    const pod = read({
      nodeSelector: { "node-role": "gpu" },
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } },
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
      schedulingGates: [{ name: "example.com/wait" }],
    });
    expect(pod).toMatchObject({
      nodeSelector: { "node-role": "gpu" },
      nodeAffinity: [{ ...term, matchFields: [] }],
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", value: "", effect: "NoSchedule" }],
      schedulingGates: ["example.com/wait"],
    });
  });

  it("says which rules are left out", () => {
    const pod = read({
      topologySpreadConstraints: [{ whenUnsatisfiable: "ScheduleAnyway" }, { whenUnsatisfiable: "DoNotSchedule" }],
      containers: [{ ports: [{ containerPort: 80 }] }, { ports: [{ containerPort: 80, hostPort: 80 }] }],
    });
    expect(pod.unmodelled).toEqual(["spec.topologySpreadConstraints[1]", "spec.containers[1]"]);
  });

  it("says so of ports of sidecars, and of those that hostNetwork makes ports of the node", () => {
    const ports = [{ containerPort: 80 }];
    const sidecar = { restartPolicy: "Always", ports: [{ containerPort: 80, hostPort: 80 }] };
    expect(read({ hostNetwork: true, containers: [{ ports }, {}], initContainers: [{ ports }] }).unmodelled).toEqual([
      "spec.containers[0]",
    ]);
    expect(read({ containers: [{ ports }], initContainers: [sidecar, { ...sidecar, restartPolicy: undefined }] }).unmodelled).toEqual([
      "spec.initContainers[0]",
    ]);
    expect(read({ containers: [{ ports: [{ containerPort: 80, hostPort: 0 }] }] }).unmodelled).toEqual([]);
  });

  it.each(["awsElasticBlockStore", "gcePersistentDisk", "iscsi", "rbd"])("says so of volumes that pods do not share: %s", (kind) => {
    expect(
      read({
        volumes: [
          { name: "a", emptyDir: {} },
          { name: "b", [kind]: {} },
        ],
        containers: [],
      }).unmodelled,
    ).toEqual(["spec.volumes[1]"]);
  });

  it("says which pods it wants to be near or far from", () => {
    const near = {
      topologyKey: "zone",
      labelSelector: { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "NotIn", values: ["test"] }] },
      matchLabelKeys: ["pod-template-hash"],
      namespaces: ["team-a"],
    };
    const far = { topologyKey: "kubernetes.io/hostname", labelSelector: {}, mismatchLabelKeys: ["team"], namespaceSelector: {} };
    const required = (term: object) => ({ requiredDuringSchedulingIgnoredDuringExecution: [term] });
    const pod = read({ affinity: { podAffinity: required(near), podAntiAffinity: required(far) } });
    expect(pod.podAffinity).toEqual([
      {
        path: "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]",
        labelSelector: [
          { key: "app", operator: "In", values: ["web"] },
          { key: "tier", operator: "NotIn", values: ["test"] },
        ],
        matchLabelKeys: ["pod-template-hash"],
        mismatchLabelKeys: [],
        namespaces: ["team-a"],
        namespaceSelector: undefined,
        topologyKey: "zone",
      },
    ]);
    expect(pod.podAntiAffinity).toMatchObject([{ labelSelector: [], mismatchLabelKeys: ["team"], namespaces: [], namespaceSelector: [] }]);
  });

  it("says which of its volumes have claims", () => {
    const spec = { accessModes: ["ReadWriteOncePod"], storageClassName: "gp3", selector: { matchLabels: { a: "b" } } };
    const pod = read({
      volumes: [
        { name: "tmp", emptyDir: {} },
        { name: "data", persistentVolumeClaim: { claimName: "shared" } },
        { name: "scratch", ephemeral: { volumeClaimTemplate: { spec } } },
      ],
    });
    expect(pod.volumes).toEqual([
      { path: "spec.volumes[1]", type: "claim", claimName: "shared", made: undefined },
      {
        path: "spec.volumes[2]",
        type: "ephemeral",
        name: "scratch",
        spec: {
          storageClassName: "gp3",
          accessModes: ["ReadWriteOncePod"],
          volumeName: undefined,
          hasSelector: true,
          hasSource: false,
        },
      },
    ]);
  });

  it.each<[unknown, string]>([
    [{ tolerations: [{ operator: "Maybe" }] }, "spec.tolerations[0].operator"],
    [{ tolerations: [{ value: "x" }] }, "spec.tolerations[0].operator"],
    [
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "Is" }] }] },
          },
        },
      },
      "nodeSelectorTerms[0].matchExpressions[0].operator",
    ],
    [
      {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: "a", labelSelector: { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] } },
            ],
          },
        },
      },
      "labelSelector.matchExpressions[0].operator",
    ],
  ])("is refused when it cannot be told: %j", (spec, expected) => {
    expect(problems(spec)).toEqual([expect.stringContaining(expected)]);
  });
});

describe("a Pod manifest", () => {
  it("is in namespace default unless it says otherwise", () => {
    const manifest = { apiVersion: "v1", kind: "Pod", metadata: { name: "train" }, spec: { containers: [] } };
    expect(readPod(manifest)).toMatchObject({ type: "pod", pod: { name: "train", namespace: "default" } });
    expect(readPod({ ...manifest, metadata: { name: "train", namespace: "mig-test" } })).toMatchObject({ pod: { namespace: "mig-test" } });
  });

  it("has to be one", () => {
    expect(readPod({ apiVersion: "apps/v1", kind: "Deployment" }).type).toBe("invalid");
    expect(readPod(undefined).type).toBe("invalid");
  });
});
