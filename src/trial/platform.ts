/** What a cluster of EKS has before the stack's own objects, and what the charts bring, which are registered with their values and not rendered. */
import { OPERATORS_RUNTIME_CLASSES } from "../cluster/judgement/references";
import { installOperators } from "../fleet/operators/operators";
import type { ApiServer, KubernetesObject } from "../live/api/api-server";
import type { User } from "../live/api/connection";
import { waitFor } from "../live/wait";
import { EKS_STORAGE_CLASS } from "../well-known/storage";

/**
 * Creates the objects of manifests. It may do everything except change admission policies: whoever may do that is exempt from them
 * (docs/decisions/0009-administrators-are-exempt.md).
 */
export const SENDER: User = { name: "rehearsal-sender", groups: [] };

const ADMISSION_GROUP = "admissionregistration.k8s.io";

const STORAGE_CLASS: KubernetesObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: EKS_STORAGE_CLASS },
  provisioner: "kubernetes.io/aws-ebs",
  parameters: { type: "gp2", fsType: "ext4" },
  volumeBindingMode: "WaitForFirstConsumer",
};

const RUNTIME_CLASSES = OPERATORS_RUNTIME_CLASSES.map((name) => ({
  apiVersion: "node.k8s.io/v1",
  kind: "RuntimeClass",
  metadata: { name },
  handler: name,
}));

/** Installs the operators' daemons, device classes, and so on. */
export async function installPlatform(api: ApiServer): Promise<void> {
  for (const object of [STORAGE_CLASS, ...RUNTIME_CLASSES]) {
    await api.apply(object);
  }
  await installDnsService(api);
  await installOperators(api);
}

/** The DNS server of EKS has the tenth address of the range, so that no other Service gets it. */
async function installDnsService(api: ApiServer): Promise<void> {
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "kube-dns", namespace: "kube-system" } };
  const server = await api.get("/api/v1/namespaces/default/services/kubernetes");
  const clusterIP = String(server["spec"].clusterIP).replace(/\d+$/, "10");
  if ((await api.find(service)) === undefined) {
    await api.apply({ ...service, spec: { clusterIP, ports: [{ name: "dns", port: 53, protocol: "UDP" }] } });
  }
}

/** Gives the sender its rights, and waits until they are in force. @param sender asks in its name. */
export async function allowSender(api: ApiServer, sender: ApiServer): Promise<void> {
  await allowServedGroups(api);
  await api.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: SENDER.name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: SENDER.name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: SENDER.name }],
  });
  await waitFor("the rights of the sender", () => isAllowed(sender, "/api/v1/nodes"));
}

/** The same for a kind that a manifest defines, as soon as the API server serves it. Of a definition that it does not take into use nothing comes. */
export async function allowDefinedKind(api: ApiServer, sender: ApiServer, definition: KubernetesObject): Promise<void> {
  const { group, names, versions } = definition["spec"] as Definition;
  const version = versions.find(({ served }) => served)?.name;
  const conditions = async () => ((await api.find(definition))?.["status"]?.conditions ?? []) as readonly Condition[];
  const decided = async (type: string, status: string) =>
    (await conditions()).some((condition) => condition.type === type && condition.status === status);
  await waitFor(
    `the definition of ${names.kind}`,
    async () => (await decided("Established", "True")) || (await decided("NamesAccepted", "False")),
  );
  if (version !== undefined && (await decided("Established", "True"))) {
    const resources = `/apis/${group}/${version}/${names.plural}`;
    await waitFor(`the kind ${names.kind}`, () => isAllowed(api, resources));
    await allowServedGroups(api);
    await waitFor(`the sender's rights for ${names.kind}`, () => isAllowed(sender, resources));
  }
}

interface Definition {
  readonly group: string;
  readonly names: { readonly kind: string; readonly plural: string };
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

async function isAllowed(user: ApiServer, resources: string): Promise<boolean> {
  return (await user.request("GET", `${resources}?limit=1`)).status === 200;
}

async function allowServedGroups(api: ApiServer): Promise<void> {
  const { groups } = await api.get("/apis");
  const served = (groups as readonly { readonly name: string }[]).map(({ name }) => name).filter((name) => name !== ADMISSION_GROUP);
  await api.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: SENDER.name },
    rules: [{ apiGroups: ["", ...served], resources: ["*"], verbs: ["*"] }],
  });
}

/** Whether only an administrator can create an object. */
export function needsAdministrator({ apiVersion }: { readonly apiVersion: string }): boolean {
  return apiVersion.startsWith(`${ADMISSION_GROUP}/`);
}
