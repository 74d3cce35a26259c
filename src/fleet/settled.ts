/** What takes effect a moment after it is written, and waiting for it. */
import type { ApiServer, KubernetesObject } from "../live/api/api-server";
import { waitFor } from "../live/wait";

const NAME = "last-of-the-policies";
const POLICY: KubernetesObject = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicy",
  metadata: { name: NAME },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"], resourceNames: [NAME] }],
    },
    validations: [{ expression: "false" }],
  },
};
const BINDING: KubernetesObject = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicyBinding",
  metadata: { name: NAME },
  spec: { policyName: NAME, validationActions: ["Deny"] },
};
const PROBE: KubernetesObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: NAME, namespace: "default" } };

/** Waits until every policy that was written before is enforced: the API server takes them over in the order of writing, and this adds a last one. */
export async function admissionPoliciesInForce(api: ApiServer): Promise<void> {
  await api.apply(POLICY);
  await api.apply(BINDING);
  await waitFor("the admission policies", async () => (await api.tryCreate(PROBE, { dryRun: true })).status >= 400);
  await api.delete(BINDING);
  await api.delete(POLICY);
}

/** Waits until a quota is enforced: once the controller has taken its limits over. */
export async function quotaInForce(api: ApiServer, namespace: string, name = "team"): Promise<void> {
  await waitFor(`quota ${name} of ${namespace}`, async () => {
    const found = await api.find({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name, namespace } });
    return Object.keys((found?.["status"]?.hard ?? {}) as object).length === Object.keys(found?.["spec"].hard as object).length;
  });
}

/** Waits until pods can be created in a namespace: once the controller has made its service account. */
export async function podsPossible(api: ApiServer, namespace: string): Promise<void> {
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } };
  await waitFor(`the service account of ${namespace}`, async () => (await api.find(account)) !== undefined);
}

const LAST_RANGE: KubernetesObject = {
  apiVersion: "v1",
  kind: "LimitRange",
  metadata: { name: "last-of-the-ranges", namespace: "default" },
  spec: { limits: [{ type: "PersistentVolumeClaim", max: { storage: "1Gi" } }] },
};
const LARGE_VOLUME: KubernetesObject = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "beyond-the-last-range", namespace: "default" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } },
};

/** Waits until every LimitRange that was written before is enforced: the API server reads them from a copy, which gets them in the order of writing. */
export async function limitRangesInForce(api: ApiServer): Promise<void> {
  await api.apply(LAST_RANGE);
  await waitFor("the limit ranges", async () => (await api.tryCreate(LARGE_VOLUME, { dryRun: true })).status >= 400);
  await api.delete(LAST_RANGE);
}
