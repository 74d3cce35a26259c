/** What components were called in earlier releases: a stack of theirs keeps every object in its cluster, because the components know their former names. */
import { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from "@pulumi/kubernetes/admissionregistration/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import { StorageClass as StorageClassObject } from "@pulumi/kubernetes/storage/v1";
import { ComponentResource } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { AdmissionPolicies, DEFAULT_STORAGE_CLASS, StorageClass } from "../../src/kubernetes";
import { ADMISSION_POLICIES } from "../../src/kubernetes/admission/policies";
import { defaultStorageClass } from "../../src/kubernetes/storage-class";
import type { ControlPlane } from "../../src/control-plane/control-plane";
import { startControlPlane } from "../harness/control-plane/start";
import { Workspace, errorsOf } from "../harness/engine/workspace";

let plane: ControlPlane;
let workspace: Workspace;
beforeAll(async () => {
  plane = await startControlPlane();
  workspace = await Workspace.open();
});
afterAll(async () => {
  await workspace.close();
  await plane.stop();
});

const inCluster = () => ({ provider: new Provider("cluster", { kubeconfig: plane.kubeconfig }) });

/** As release 0.1 registered them. */
class Guardrails extends ComponentResource {
  constructor({ provider }: ReturnType<typeof inCluster>) {
    super("shared-gpu:kubernetes:Guardrails", "guardrails", {}, { providers: [provider] });
    for (const { name, policy, binding } of ADMISSION_POLICIES) {
      const enforced = new ValidatingAdmissionPolicy(name, policy, { parent: this });
      new ValidatingAdmissionPolicyBinding(name, binding, { parent: this, dependsOn: [enforced] });
    }
  }
}

const former: PulumiFn = () => {
  const options = inCluster();
  new StorageClassObject(DEFAULT_STORAGE_CLASS, defaultStorageClass(), options);
  new Guardrails(options);
  return Promise.resolve();
};

const current: PulumiFn = () => {
  const { provider } = inCluster();
  new StorageClass("storage-class", { providers: [provider] });
  new AdmissionPolicies("admission-policies", { providers: [provider] });
  return Promise.resolve();
};

/** Uids by kind and name. */
async function uids(): Promise<Readonly<Record<string, unknown>>> {
  const paths = [
    "/apis/storage.k8s.io/v1/storageclasses",
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
  ];
  const objects = await Promise.all(paths.map((path) => plane.api.list(path)));
  return Object.fromEntries(
    objects.flatMap((items, index) => items.map(({ metadata }) => [`${paths[index] ?? ""}/${String(metadata["name"])}`, metadata["uid"]])),
  );
}

test("an `up` of this release over a stack of release 0.1 replaces nothing", async () => {
  const before = await workspace.up({ pack: false, program: former });
  expect(errorsOf(before)).toEqual([]);
  const made = await uids();
  expect(Object.keys(made)).toHaveLength(1 + 2 * ADMISSION_POLICIES.length);

  const after = await workspace.up({ pack: false, program: current });
  expect(errorsOf(after)).toEqual([]);
  expect(after.steps.filter(({ op, type }) => op !== "update" && !type.startsWith("shared-gpu:"))).toEqual([]);
  expect(await uids()).toEqual(made);
  expect((await workspace.up({ pack: false, program: current })).steps).toEqual([]);
});
