/** Faults: each with a state that is nearly the same and is none, and with what AWS and Pulumi do of the remedy. */
import { setTimeout as sleep } from "node:timers/promises";
import type { FindingId } from "../../../src/doctor/findings";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { waitFor } from "../../../src/live/wait";
import { RELAYOUT_ANNOTATION, recordText } from "../../../src/relayout/record";
import { DRIVER } from "../../../src/well-known/attributes";
import { MIG_CONFIG_STATE_LABEL } from "../../../src/well-known/labels";
import { deployment, pod, template } from "../../harness/fleet/manifests";
import { devicesOf, podsNamed, waitForDevices, waitForRunning } from "../../harness/fleet/cluster";
import { ROOT } from "../../support/program";
import { LAB } from "./bed";
import type { Bed } from "./bed";

export interface Case {
  readonly id: FindingId;
  /** What distinguishes it from others of this finding. */
  readonly name?: string;
  /** The first version of Kubernetes on which it can be. @default all */
  readonly since?: string;
  /** A state that is nearly the same, in which the doctor must not say it. It is removed again. */
  readonly nearMiss:
    | { readonly type: "state"; readonly make: (bed: Bed) => Promise<unknown>; readonly remove: (bed: Bed) => Promise<unknown> }
    /** The fault itself, so early that it can be on its way. */
    | { readonly type: "early"; readonly minutes: number };
  readonly fault: (bed: Bed) => Promise<unknown>;
  /** Other findings that the fault brings as well. */
  readonly besides?: readonly FindingId[];
  /** Pods that the finding must name, by a part of the name. */
  readonly hurts?: string;
  /** Shortens what takes minutes, in a command, and says where and that it may be done. */
  readonly shortened?: (command: string) => string;
  /** What AWS or Pulumi do of the command, or what time does beside it. */
  readonly simulated?: (bed: Bed) => Promise<unknown>;
  /** Removes what the case has made, once the doctor is silent. */
  readonly after?: (bed: Bed) => Promise<unknown>;
}

const EARLY = { type: "early", minutes: 0 } as const;

const kubectl = (line: string) => (bed: Bed) => bed.run(`kubectl ${line}`);
const onNode =
  (command: (node: string) => string) =>
  (bed: Bed): Promise<unknown> =>
    bed.run(`kubectl ${command(bed.node.name)}`);
const state = (make: Step, remove: Step) => ({ type: "state", make, remove }) as const;
type Step = (bed: Bed) => Promise<unknown>;
const apply =
  (...objects: readonly KubernetesObject[]): Step =>
  (bed) =>
    bed.cluster.apply(objects);
const remove =
  (...objects: readonly KubernetesObject[]): Step =>
  (bed) =>
    Promise.all(objects.map((object) => bed.api.delete(object)));
const patch = (what: string, content: unknown, more = "") => kubectl(`patch ${what} --type merge -p '${JSON.stringify(content)}' ${more}`);
const label = (value: string) => onNode((node) => `label node ${node} ${value} --overwrite`);
const migState = (value: string) => label(`${MIG_CONFIG_STATE_LABEL}=${value}`);

/** Somebody has taken an admission policy out of effect, and put it back when it was done. With it in effect not even an administrator gets that far. */
const unguarded =
  (policy: string, step: Step): Step =>
  async (bed) => {
    const bound = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicyBinding", metadata: { name: policy } };
    const found = await bed.api.find(bound);
    await bed.api.delete(bound);
    await waitFor("the API server to let it pass", () =>
      step(bed).then(
        () => true,
        () => false,
      ),
    );
    await bed.api.create({ ...bound, spec: found?.["spec"] as object });
  };

const SMALL = [{ resourceClaimTemplateName: "small" }];
const service = deployment(2, { name: "service", namespace: LAB, claims: SMALL });
const dra = (kind: string, name: string, spec: object, more: object = {}): KubernetesObject => ({
  apiVersion: "resource.k8s.io/v1",
  kind,
  metadata: { name, ...more },
  spec,
});
const slice = (name: string, node: string, driver: string) =>
  dra("ResourceSlice", name, {
    driver,
    nodeName: node,
    pool: { name: `${node}-fake`, generation: 1, resourceSliceCount: 1 },
    devices: [{ name: "gpu-0" }],
  });
const deviceClass = (name: string, expression: string) => dra("DeviceClass", name, { selectors: [{ cel: { expression } }] });
const binding = (name: string, where: string) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name, namespace: where },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "mallory" }],
});
const claim = (name: string, deviceClassName = "mig-small.nvidia.com", more: object = {}) =>
  dra("ResourceClaim", name, { devices: { requests: [{ name: "slice", exactly: { deviceClassName } }] } }, { namespace: LAB, ...more });
const bare = (name: string, claimName: string, more: object = {}): KubernetesObject => {
  const object = pod({ name, namespace: LAB, claims: [{ resourceClaimName: claimName }] });
  return { ...object, metadata: { ...object.metadata, ...more } };
};
const waits = (name: string, text: RegExp): Step => {
  return async ({ api }) => {
    let seen = "";
    await waitFor(
      `pods ${name} with ${String(text)}`,
      async () => {
        seen = JSON.stringify((await podsNamed(api, LAB, name)).map(({ status }) => status as object));
        return text.test(seen);
      },
      { describe: () => Promise.resolve(seen) },
    );
  };
};
const then =
  (...steps: readonly Step[]): Step =>
  async (bed) => {
    for (const step of steps) {
      await step(bed);
    }
  };
const noPods =
  (name: string): Step =>
  ({ api }) =>
    waitFor(`the end of pods ${name}`, async () => (await podsNamed(api, LAB, name)).length === 0);

const restartPlugin = onNode((node) => `-n nvidia-dra-driver delete pod --field-selector spec.nodeName=${node}`);
const spoilt = (type: "silent" | "partial" | "stale", devices: number): Step =>
  then(
    ({ cluster, node }) => Promise.resolve(cluster.fleet.spoilPlugin(node.name, { type })),
    restartPlugin,
    ({ api }) => waitForDevices(api, devices),
  );
const rolled: Step = (bed) => bed.replaceNode();
const joins: Step = (bed) => bed.joinSuccessor();
const reinstalled: Step = (bed) => bed.install();
const running =
  (name: string, count: number): Step =>
  ({ api }) =>
    waitForRunning(api, LAB, name, count);
const scaledDown: Step = then(remove(service), noPods("service"));

/** A claim that runs a pod, and a second pod that comes to it. @param allocationTimestamp undefined: as a kube-scheduler before 1.36 allocates. */
const sharedClaim =
  (allocationTimestamp: string | undefined): Step =>
  async (bed) => {
    const [device] = devicesOf(bed.node).filter(({ name }) => name.includes("1g"));
    const first = bare("first", "shared");
    // The scheduler sets the finalizer before it allocates. Without it, the controller of claims takes no allocation away.
    const shared = claim("shared", undefined, { finalizers: ["resource.kubernetes.io/delete-protection"] });
    await bed.cluster.apply([shared, { ...first, spec: { ...(first["spec"] as object), nodeName: bed.node.name } }]);
    const [created] = await podsNamed(bed.api, LAB, "first");
    const allocation = {
      devices: { results: [{ request: "slice", driver: DRIVER, pool: bed.node.name, device: device?.name }] },
      nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [bed.node.name] }] }] },
      allocationTimestamp,
    };
    const reservedFor = [{ resource: "pods", name: "first", uid: created?.metadata["uid"] }];
    await bed.api.merge(claim("shared"), { status: { allocation, reservedFor } }, { subresource: "status" });
    await waitForRunning(bed.api, LAB, "first", 1);
    await bed.cluster.apply([bare("second", "shared")]);
  };

const TAINTS = [{ key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" }];

export const CASES: readonly Case[] = [
  // What the stack declares
  {
    id: "namespace-differs",
    nearMiss: state(kubectl("label namespace mig-test cost-center=7"), kubectl("label namespace mig-test cost-center-")),
    fault: unguarded("shared-gpu-namespaces", kubectl("label namespace mig-test resource.kubernetes.io/admin-access=true")),
  },
  {
    id: "namespace-differs",
    name: "Pod Security",
    nearMiss: state(kubectl("annotate namespace monitoring owner=a"), kubectl("annotate namespace monitoring owner-")),
    fault: kubectl("label namespace monitoring pod-security.kubernetes.io/enforce=restricted --overwrite"),
  },
  {
    id: "class-differs",
    nearMiss: state(kubectl("label deviceclass mig-small.nvidia.com a=b"), kubectl("label deviceclass mig-small.nvidia.com a-")),
    fault: unguarded(
      "shared-gpu-device-classes",
      patch("deviceclass mig-small.nvidia.com", { spec: { selectors: [{ cel: { expression: "true" } }] } }),
    ),
  },
  {
    id: "template-differs",
    nearMiss: state(apply(template("mine", "mig-test", "mig-small.nvidia.com")), remove(template("mine", "mig-test", ""))),
    fault: then(
      kubectl("-n mig-test delete resourceclaimtemplate mig-small-template"),
      apply(template("mig-small-template", "mig-test", "mig-large.nvidia.com")),
    ),
  },
  {
    id: "policy-differs",
    name: "failure policy",
    nearMiss: state(
      kubectl("annotate validatingadmissionpolicy shared-gpu-claims a=b"),
      kubectl("annotate validatingadmissionpolicy shared-gpu-claims a-"),
    ),
    fault: patch("validatingadmissionpolicy shared-gpu-claims", { spec: { failurePolicy: "Ignore" } }),
  },
  {
    id: "policy-differs",
    name: "a condition that lets everything pass",
    nearMiss: EARLY,
    fault: patch("validatingadmissionpolicy shared-gpu-pods", { spec: { matchConditions: [{ name: "never", expression: "false" }] } }),
  },
  {
    id: "policy-binding-differs",
    nearMiss: state(
      kubectl("label validatingadmissionpolicybinding shared-gpu-claims a=b"),
      kubectl("label validatingadmissionpolicybinding shared-gpu-claims a-"),
    ),
    fault: patch("validatingadmissionpolicybinding shared-gpu-claims", { spec: { validationActions: ["Warn"] } }),
  },
  {
    id: "object-missing",
    nearMiss: EARLY,
    fault: kubectl("delete validatingadmissionpolicybinding shared-gpu-pods"),
  },
  {
    id: "object-missing",
    name: "a quota",
    nearMiss: EARLY,
    fault: kubectl("-n mig-test delete resourcequota team"),
  },
  {
    id: "quota-differs",
    nearMiss: state(
      patch("-n mig-test resourcequota team", { spec: { hard: { "requests.memory": "524288Mi" } } }),
      patch("-n mig-test resourcequota team", { spec: { hard: { "requests.memory": "512Gi" } } }),
    ),
    fault: patch("-n mig-test resourcequota team", { spec: { hard: { pods: "50", "count/ingresses": "1" } } }),
  },
  {
    id: "limits-differ",
    nearMiss: state(kubectl("-n mig-test label limitrange team a=b"), kubectl("-n mig-test label limitrange team a-")),
    fault: kubectl(
      `-n mig-test patch limitrange team --type json -p '[{"op":"replace","path":"/spec/limits/0/default/memory","value":"64Gi"}]'`,
    ),
  },
  {
    id: "rights-differ",
    nearMiss: state(kubectl("label clusterrole partition-gate a=b"), kubectl("label clusterrole partition-gate a-")),
    fault: kubectl(`patch clusterrole partition-gate --type json -p '[{"op":"add","path":"/rules/0/verbs/-","value":"delete"}]'`),
  },
  {
    id: "rights-foreign",
    nearMiss: state(apply(binding("guest", LAB)), remove(binding("guest", LAB))),
    fault: apply(binding("guest", "mig-test")),
  },
  {
    id: "rights-foreign",
    name: "in the whole cluster",
    nearMiss: state(
      kubectl(`create clusterrolebinding guest --clusterrole view --serviceaccount ${LAB}:default`),
      kubectl("delete clusterrolebinding guest"),
    ),
    fault: kubectl("create clusterrolebinding guest --clusterrole view --serviceaccount mig-test:default"),
  },
  {
    id: "network-differs",
    nearMiss: state(
      kubectl("-n mig-test label networkpolicy default-deny a=b"),
      kubectl("-n mig-test label networkpolicy default-deny a-"),
    ),
    fault: patch("-n mig-test networkpolicy default-deny", { spec: { policyTypes: ["Ingress"] } }),
  },
  {
    id: "storage-class-differs",
    nearMiss: state(kubectl("label storageclass gp3 a=b"), kubectl("label storageclass gp3 a-")),
    fault: patch("storageclass gp3", { allowVolumeExpansion: false }),
  },
  {
    id: "class-foreign",
    nearMiss: state(
      unguarded("shared-gpu-device-classes", apply(deviceClass("nics", "device.driver == 'dra.net'"))),
      remove(deviceClass("nics", "")),
    ),
    fault: unguarded("shared-gpu-device-classes", apply(deviceClass("everything", `device.driver == '${DRIVER}'`))),
  },
  // Nodes
  { id: "node-label-differs", nearMiss: state(label("room=1"), label("room-")), fault: label("node-role=other") },
  {
    id: "node-taint-missing",
    nearMiss: state(
      onNode((node) => `taint node ${node} slow=disk:PreferNoSchedule`),
      onNode((node) => `taint node ${node} slow-`),
    ),
    fault: onNode((node) => `taint node ${node} nvidia.com/gpu-`),
  },
  {
    id: "node-taint-foreign",
    nearMiss: state(
      onNode((node) => `taint node ${node} example.kubernetes.io/a=b:NoSchedule`),
      onNode((node) => `taint node ${node} example.kubernetes.io/a-`),
    ),
    fault: onNode((node) => `taint node ${node} maintenance=now:NoSchedule`),
  },
  {
    id: "node-cordoned",
    nearMiss: state(kubectl("cordon -l node-role=system"), kubectl("uncordon -l node-role=system")),
    fault: onNode((node) => `cordon ${node}`),
  },
  {
    id: "relayout-stopped",
    nearMiss: EARLY,
    fault: then(
      onNode((node) => `cordon ${node}`),
      onNode(
        (node) =>
          `annotate node ${node} '${RELAYOUT_ANNOTATION}=${recordText({ type: "layout", from: "all-balanced", to: "all-1g.5gb" })}'`,
      ),
    ),
    shortened: (command) => `cd '${ROOT}' && ${command} --yes`,
  },
  {
    id: "relayout-stopped",
    name: "a restart that nobody has ended",
    nearMiss: EARLY,
    // The node has restarted since: it has another boot ID than the record.
    fault: then(
      onNode((node) => `cordon ${node}`),
      onNode((node) => `annotate node ${node} '${RELAYOUT_ANNOTATION}=${recordText({ type: "reboot", bootId: "of before" })}'`),
    ),
    shortened: (command) => `cd '${ROOT}' && ${command} --yes`,
  },
  {
    id: "node-under-pressure",
    nearMiss: EARLY,
    fault: (bed) => pressure(bed, "True"),
    simulated: (bed) => pressure(bed, "False"),
  },
  {
    id: "node-image-differs",
    nearMiss: state(
      (bed) => kubelet(bed, `v${bed.declaration.gpuGroups[0]?.kubeletVersion ?? ""}-eks-0a1b2c3`),
      () => Promise.resolve(),
    ),
    fault: (bed) => kubelet(bed, "v1.34.1-eks-0a1b2c3"),
    simulated: (bed) => kubelet(bed, `v${bed.declaration.gpuGroups[0]?.kubeletVersion ?? ""}-eks-0a1b2c3`),
  },
  {
    id: "node-of-no-pool",
    nearMiss: EARLY,
    fault: (bed) =>
      bed.api.create({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: "stranger", labels: { "node.kubernetes.io/instance-type": "g5.xlarge" } },
        spec: { taints: TAINTS, providerID: "aws:///us-east-1a/i-0123456789abcdef0" },
      }),
    simulated: kubectl("delete node stranger"),
  },
  {
    id: "node-layout-differs",
    nearMiss: EARLY,
    fault: then(label("nvidia.com/mig.config=all-1g.5gb"), ({ api }) => waitForDevices(api, 56)),
  },
  // GPU Operator
  {
    id: "gpu-not-found",
    nearMiss: EARLY,
    fault: label("nvidia.com/gpu.present- nvidia.com/mig.capable-"),
  },
  {
    id: "gpu-lost",
    nearMiss: state(label("nvidia.com/gpu.count=8"), () => Promise.resolve()),
    fault: label("nvidia.com/gpu.count=7"),
    simulated: rolled,
  },
  {
    id: "operator-absent",
    nearMiss: EARLY,
    fault: kubectl("-n gpu-operator delete daemonset gpu-feature-discovery"),
    simulated: reinstalled,
  },
  {
    id: "mig-manager-absent",
    nearMiss: EARLY,
    fault: label("nvidia.com/gpu.deploy.mig-manager=false"),
  },
  {
    id: "mig-state-unset",
    nearMiss: EARLY,
    fault: label(`${MIG_CONFIG_STATE_LABEL}-`),
  },
  { id: "mig-stuck-pending", nearMiss: { type: "early", minutes: 15 }, fault: migState("pending") },
  {
    id: "mig-stuck-rebooting",
    nearMiss: { type: "early", minutes: 15 },
    fault: migState("rebooting"),
    simulated: ({ cluster, node }) => cluster.fleet.reboot(node.name),
  },
  {
    id: "mig-failed",
    nearMiss: { type: "early", minutes: 1 },
    fault: migState("failed"),
  },
  {
    id: "mig-failed-in-use",
    nearMiss: { type: "early", minutes: 1 },
    fault: then(apply(service), running("service", 2), migState("failed"), ({ api }) => waitForDevices(api, 0)),
    hurts: `${LAB}/service`,
    shortened: (command) => command.replace("--timeout=2m", "--timeout=5s"),
    after: then(running("service", 2), scaledDown),
  },
  { id: "exporter-paused", nearMiss: EARLY, fault: label("nvidia.com/gpu.deploy.dcgm-exporter=paused-for-mig-change") },
  { id: "exporter-absent", nearMiss: EARLY, fault: label("nvidia.com/gpu.deploy.dcgm-exporter=false") },
  // DRA driver
  {
    id: "driver-not-gated",
    nearMiss: state(
      kubectl("-n nvidia-dra-driver annotate daemonset nvidia-dra-driver-gpu-kubelet-plugin a=b"),
      kubectl("-n nvidia-dra-driver annotate daemonset nvidia-dra-driver-gpu-kubelet-plugin a-"),
    ),
    fault: patch("-n nvidia-dra-driver daemonset nvidia-dra-driver-gpu-kubelet-plugin", {
      spec: { template: { spec: { nodeSelector: { [MIG_CONFIG_STATE_LABEL]: null, "nvidia.com/gpu.present": "true" } } } },
    }),
  },
  {
    id: "driver-version-differs",
    nearMiss: state(
      (bed) => bed.run(driverVersion(bed.declaration.release.draDriver.version)),
      () => Promise.resolve(),
    ),
    fault: (bed) => bed.run(driverVersion("0.3.0")),
    simulated: (bed) => bed.run(driverVersion(bed.declaration.release.draDriver.version)),
  },
  {
    id: "driver-absent",
    nearMiss: EARLY,
    fault: kubectl("-n nvidia-dra-driver delete daemonset nvidia-dra-driver-gpu-kubelet-plugin"),
    simulated: reinstalled,
  },
  {
    id: "plugin-absent",
    nearMiss: EARLY,
    fault: then(
      kubectl("-n nvidia-dra-driver create quota everywhere --hard=pods=0"),
      ({ api }) =>
        waitFor("the quota to count", async () =>
          JSON.stringify(await api.list("/api/v1/namespaces/nvidia-dra-driver/resourcequotas")).includes('"used":{'),
        ),
      restartPlugin,
      ({ api }) =>
        waitFor("the word of the daemon set controller", async () =>
          JSON.stringify(await api.list("/api/v1/namespaces/nvidia-dra-driver/events")).includes("exceeded quota: everywhere"),
        ),
    ),
  },
  {
    id: "plugin-not-ready",
    nearMiss: EARLY,
    fault: then(({ unstartable }) => Promise.resolve(unstartable.set("kubelet-plugin", "no such image")), restartPlugin),
    simulated: ({ unstartable }) => Promise.resolve(unstartable.delete("kubelet-plugin")),
  },
  {
    id: "plugin-older-than-layout",
    nearMiss: EARLY,
    fault: async ({ api, node }) => {
      await sleep(11_000);
      // As whoever reports the state of MIG Manager: the fleet.
      await api.merge(
        { apiVersion: "v1", kind: "Node", metadata: { name: node.name } },
        { metadata: { labels: { "nvidia.com/gpu.deploy.device-plugin": "true" } } },
      );
    },
  },
  { id: "slices-none", nearMiss: EARLY, fault: spoilt("silent", 0) },
  { id: "slices-in-part", nearMiss: EARLY, fault: spoilt("partial", 16) },
  { id: "slices-whole-gpus", nearMiss: EARLY, fault: spoilt("stale", 8) },
  {
    id: "slices-differ",
    nearMiss: EARLY,
    fault: async ({ api }) => {
      const [first] = await api.list("/apis/resource.k8s.io/v1/resourceslices");
      const { name } = first?.metadata ?? {};
      await api.merge({ apiVersion: "resource.k8s.io/v1", kind: "ResourceSlice", metadata: { name } } as KubernetesObject, {
        spec: { devices: (first?.["spec"].devices as readonly object[]).slice(1) },
      });
    },
  },
  {
    id: "slices-of-gone-node",
    nearMiss: state(apply(slice("nic", "ghost", "dra.net")), remove(slice("nic", "", ""))),
    fault: apply(slice("old", "ghost", DRIVER)),
  },
  {
    id: "slices-foreign",
    nearMiss: state((bed) => bed.cluster.apply([slice("nic", bed.node.name, "dra.net")]), remove(slice("nic", "", ""))),
    fault: (bed) => bed.cluster.apply([slice("fake", bed.node.name, DRIVER)]),
  },
  // Pods and claims
  {
    id: "template-absent",
    nearMiss: EARLY,
    fault: then(
      apply(deployment(1, { name: "typo", namespace: LAB, claims: [{ resourceClaimTemplateName: "smal" }] })),
      waits("typo", /Pending/),
    ),
    hurts: `${LAB}/typo`,
    after: kubectl(`-n ${LAB} delete deployment typo`),
  },
  {
    id: "claim-absent",
    nearMiss: EARLY,
    fault: then(apply(bare("orphan", "nothing")), waits("orphan", /Pending/)),
    hurts: `${LAB}/orphan`,
  },
  {
    id: "class-absent",
    nearMiss: EARLY,
    fault: then(apply(claim("odd", "mig-tiny.nvidia.com"), bare("odd", "odd")), waits("odd", /Unschedulable/)),
    hurts: `${LAB}/odd`,
    after: remove(claim("odd")),
  },
  {
    id: "no-such-device",
    nearMiss: EARLY,
    fault: then(
      apply(
        template("huge", LAB, "mig-large.nvidia.com", `device.attributes['${DRIVER}'].profile == '7g.40gb'`),
        deployment(1, { name: "huge", namespace: LAB, claims: [{ resourceClaimTemplateName: "huge" }] }),
      ),
      waits("huge", /cannot allocate all claims/),
    ),
    hurts: `${LAB}/huge`,
    after: kubectl(`-n ${LAB} delete deployment huge`),
  },
  {
    id: "no-free-device",
    nearMiss: EARLY,
    fault: then(
      apply(
        template("large", LAB, "mig-large.nvidia.com"),
        deployment(9, { name: "many", namespace: LAB, claims: [{ resourceClaimTemplateName: "large" }] }),
      ),
      ({ api }) => waitForRunning(api, LAB, "many", 8),
      waits("many", /cannot allocate all claims/),
    ),
    hurts: `${LAB}/many`,
    after: then(kubectl(`-n ${LAB} delete deployment many`), noPods("many")),
  },
  {
    id: "claim-finalizer",
    nearMiss: EARLY,
    fault: then(
      apply(claim("kept", undefined, { finalizers: ["example.com/hold"] })),
      kubectl(`-n ${LAB} delete resourceclaim kept --wait=false`),
    ),
  },
  {
    id: "pod-terminating",
    nearMiss: EARLY,
    fault: then(
      apply(claim("held"), bare("held", "held", { finalizers: ["example.com/hold"] })),
      waits("held", /Running/),
      kubectl(`-n ${LAB} delete pod held --wait=false`),
      // It stays so, however long one looks.
      waits("held", /"phase":"(?:Succeeded|Failed)"/),
    ),
    hurts: `${LAB}/held`,
    after: remove(claim("held")),
  },
  {
    id: "claim-of-older-scheduler",
    since: "1.36",
    // The time is what it is about: with one, the claim takes the second pod.
    nearMiss: state(
      then(sharedClaim(new Date().toISOString()), running("second", 1)),
      then(remove(bare("first", "shared"), bare("second", "shared"), claim("shared")), noPods("first"), noPods("second")),
    ),
    fault: then(sharedClaim(undefined), waits("second", /field is immutable/)),
    hurts: `${LAB}/second`,
    after: then(running("second", 1), remove(bare("second", "shared"), claim("shared")), noPods("second")),
  },
  {
    id: "claim-of-gone-device",
    nearMiss: EARLY,
    fault: then(apply(claim("past")), async (bed) => {
      const results = [{ request: "slice", driver: DRIVER, pool: bed.node.name, device: "gpu-0-mig-1g5gb-19-9" }];
      const nodeSelector = { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [bed.node.name] }] }] };
      // The scheduler of Kubernetes 1.36 adds a missing time to an allocation when a pod comes, which the API server refuses. Before, there is no such field.
      const allocation = { devices: { results }, nodeSelector, allocationTimestamp: new Date().toISOString() };
      await bed.api.merge(claim("past"), { status: { allocation } }, { subresource: "status" });
      await bed.cluster.apply([bare("past", "past")]);
      const pods = () => podsNamed(bed.api, LAB, "past");
      await waitFor("the pod to get its node", async () => (await pods()).some(({ spec }) => spec.nodeName !== undefined), {
        describe: async () => JSON.stringify((await pods()).map(({ status }) => status?.conditions as unknown)),
      });
    }),
    hurts: `${LAB}/past`,
    after: remove(claim("past")),
  },
  {
    id: "cdi-stale",
    nearMiss: state(
      then(
        ({ unstartable }) => Promise.resolve(unstartable.set("service", "no such image")),
        apply(service),
        waits("service", /no such image/),
      ),
      then(({ unstartable }) => Promise.resolve(unstartable.delete("service")), scaledDown),
    ),
    fault: then(
      ({ unstartable }) => Promise.resolve(unstartable.set("service", "failed to inject CDI devices: unresolvable CDI devices a")),
      apply(service),
      waits("service", /unresolvable/),
    ),
    hurts: `${LAB}/service`,
    // What is told of the containers of one boot holds for no pod that comes after.
    simulated: ({ unstartable }) => Promise.resolve(unstartable.delete("service")),
    after: then(running("service", 2), scaledDown),
  },
  {
    id: "no-addresses",
    nearMiss: state(
      then(
        ({ unstartable }) => Promise.resolve(unstartable.set("crowd", "no such image")),
        apply(claim("crowd"), bare("crowd", "crowd")),
        waits("crowd", /no such image/),
      ),
      () => Promise.resolve(),
    ),
    fault: ({ api }) =>
      api.create({
        apiVersion: "v1",
        kind: "Event",
        metadata: { generateName: "crowd.", namespace: LAB },
        involvedObject: { kind: "Pod", name: "crowd", namespace: LAB },
        reason: "FailedCreatePodSandBox",
        message: 'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container',
        type: "Warning",
      }),
    hurts: `${LAB}/crowd`,
    // AWS is asked only.
    simulated: () => Promise.resolve(),
    after: ({ api, unstartable }) => {
      unstartable.delete("crowd");
      return api.delete(claim("crowd"));
    },
  },
  {
    id: "volume-zone",
    nearMiss: state(apply(prometheus("monitoring")), remove(prometheus("monitoring"))),
    fault: then(apply(prometheus("monitoring")), ({ api }) =>
      api.merge(
        prometheus("monitoring"),
        {
          status: {
            conditions: [
              {
                type: "PodScheduled",
                status: "False",
                reason: "Unschedulable",
                message: "0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity.",
              },
            ],
          },
        },
        { subresource: "status" },
      ),
    ),
  },
  // The last, because instances come and go
  {
    id: "claim-of-gone-node",
    nearMiss: state(then(apply(service), running("service", 2)), () => Promise.resolve()),
    fault: ({ cluster, node }) => cluster.fleet.leave(node.name),
    besides: ["nodes-missing"],
    hurts: `${LAB}/service`,
    simulated: joins,
    after: then(running("service", 2), scaledDown),
  },
  {
    id: "node-not-ready",
    nearMiss: EARLY,
    fault: ({ cluster, node }) => cluster.fleet.die(node.name),
    simulated: rolled,
  },
  { id: "nodes-missing", nearMiss: EARLY, fault: ({ cluster, node }) => cluster.fleet.leave(node.name), simulated: joins },
  {
    id: "gate-failed",
    nearMiss: EARLY,
    fault: kubectl("-n partition-gate delete job partition-gate"),
    simulated: (bed) => bed.applyGate(),
  },
];

function prometheus(where: string): KubernetesObject {
  const object = pod({ name: "prometheus-0", namespace: where, claims: [] });
  return {
    ...object,
    metadata: { ...object.metadata, labels: { "app.kubernetes.io/name": "prometheus" } },
    // kube-scheduler leaves it alone, and its word is written here.
    spec: { ...object["spec"], schedulerName: "nobody" },
  };
}

function driverVersion(version: string): string {
  return `kubectl -n nvidia-dra-driver label daemonset nvidia-dra-driver-gpu-kubelet-plugin app.kubernetes.io/version=${version} --overwrite`;
}

/** As the kubelet writes it. */
async function pressure({ api, node }: Bed, status: "True" | "False"): Promise<void> {
  const found = await api.get(`/api/v1/nodes/${node.name}`);
  const others = (found.status.conditions as readonly { readonly type: string }[]).filter(({ type }) => type !== "DiskPressure");
  const now = new Date().toISOString();
  const condition = { type: "DiskPressure", status, reason: "KubeletHasDiskPressure", lastHeartbeatTime: now, lastTransitionTime: now };
  await api.merge(
    { apiVersion: "v1", kind: "Node", metadata: { name: node.name } },
    { status: { conditions: [...others, condition] } },
    { subresource: "status" },
  );
}

async function kubelet({ api, node }: Bed, kubeletVersion: string): Promise<void> {
  await api.merge(
    { apiVersion: "v1", kind: "Node", metadata: { name: node.name } },
    { status: { nodeInfo: { kubeletVersion } } },
    { subresource: "status" },
  );
}
