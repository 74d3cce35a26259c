/** The manifests of the corpus as requests to an API server, as kubectl would make them of them. */
import type { CorpusCase } from "../../corpus/corpus";
import type { Answer, ApiServer, KubernetesObject } from "../../../src/live/api/api-server";

/** The namespace that the corpus speaks of. */
export const CORPUS_TEAM = { name: "team-a", group: "team-a-members" };

/**
 * What a case asks for; the answer to the first of its requests that is refused, or to the last. Nothing is stored. A list is asked for item by item, and a
 * kind of Pulumi's that ends in `Patch` is a patch of the object of that name (`PATCHED`).
 */
export async function ask(api: ApiServer, { manifest }: Pick<CorpusCase, "manifest">): Promise<Answer> {
  const object = restricted(manifest as KubernetesObject);
  const { kind } = object;
  if (kind.endsWith("List")) {
    const answers: Answer[] = [];
    for (const item of object["items"] as readonly KubernetesObject[]) {
      answers.push(await ask(api, { manifest: { ...item, metadata: { namespace: CORPUS_TEAM.name, ...item.metadata } } }));
    }
    const [last, ...before] = answers.reverse();
    return before.find(({ status }) => status >= 400) ?? (last as Answer);
  }
  const query = "fieldValidation=Strict&dryRun=All";
  if (kind.endsWith("Patch")) {
    const patched = { ...object, kind: kind.replace(/Patch$/, "") };
    const content = { ...patched, apiVersion: undefined, kind: undefined };
    const path = `${await collectionOf(api, patched)}/${String(object.metadata["name"])}`;
    return api.request("PATCH", `${path}?${query}`, { contentType: "application/strategic-merge-patch+json", content });
  }
  return api.request("POST", `${await collectionOf(api, object)}?${query}`, { contentType: "application/json", content: object });
}

/** The path of a kind, which the API server need not serve: who may not ask for it at all is told that first. */
async function collectionOf(api: ApiServer, object: KubernetesObject): Promise<string> {
  const served = await api.pathOf(object).catch(() => undefined);
  return served === undefined ? guessedCollection(object) : served.slice(0, served.lastIndexOf("/"));
}

function guessedCollection({ apiVersion, kind, metadata }: KubernetesObject): string {
  const lower = kind.toLowerCase();
  const plural = lower.endsWith("y") ? `${lower.slice(0, -1)}ies` : `${lower}s`;
  const namespace = metadata["namespace"] as string | undefined;
  return `/apis/${apiVersion}/${namespace === undefined ? "" : `namespaces/${namespace}/`}${plural}`;
}

/**
 * A pod with the security context that level `restricted` wants, wherever it says nothing about it: every pod that runs in these namespaces has one, and without it
 * that would be the only thing to be refused. What a manifest does say stands. (The kinds that make pods are only warned of their templates.)
 */
function restricted(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "Pod") {
    return object;
  }
  const spec = object["spec"] as PodSpec;
  const containersOf = (list: "containers" | "initContainers") =>
    spec[list] === undefined ? {} : { [list]: spec[list].map(restrictedContainer) };
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" }, ...spec.securityContext };
  return { ...object, spec: { ...spec, securityContext, ...containersOf("containers"), ...containersOf("initContainers") } };
}

interface Container {
  readonly securityContext?: { readonly privileged?: boolean; readonly capabilities?: { readonly add?: readonly string[] } };
}

interface PodSpec {
  readonly securityContext?: object;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}

function restrictedContainer(container: Container): Container {
  const { privileged = false, capabilities } = container.securityContext ?? {};
  // The API server takes no container that is privileged, or as good as that, and may not escalate privileges.
  const escalates = privileged || capabilities?.add?.some((name) => name.endsWith("SYS_ADMIN")) === true;
  return {
    ...container,
    securityContext: {
      ...(escalates ? {} : { allowPrivilegeEscalation: false }),
      ...container.securityContext,
      capabilities: { drop: ["ALL"], ...capabilities },
    } as Container["securityContext"],
  };
}

const labels = { app: "x" };
const template = (spec: object) => ({
  metadata: { labels },
  spec: { containers: [{ name: "main", image: "registry.example.com/team-a/app:1.0", ...spec }] },
});
const deployment = (name: string, pod: { readonly spec: object }): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: CORPUS_TEAM.name },
  spec: { replicas: 0, selector: { matchLabels: labels }, template: pod },
});
const withClaim = template({ resources: { claims: [{ name: "slice" }] } });
const slice = [{ name: "slice", resourceClaimTemplateName: "mig-small-template" }];

/** What the patches of the corpus change. */
export const PATCHED: readonly KubernetesObject[] = [
  deployment("deployment-patch", { ...withClaim, spec: { ...withClaim.spec, ...{ resourceClaims: slice } } }),
  deployment("deployment-patch-tolerations", template({})),
  deployment("deployment-patch-replicas", template({})),
  deployment("deployment-patch-grace-period", template({})),
  {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaimTemplate",
    metadata: { name: "claim-patch", namespace: CORPUS_TEAM.name },
    spec: { spec: { devices: { requests: [{ name: "slice", exactly: { deviceClassName: "mig-small.nvidia.com" } }] } } },
  },
  ...["service-patch", "service-patch-selector"].map((name) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: CORPUS_TEAM.name },
    spec: { selector: labels, ports: [{ port: 80 }] },
  })),
  {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "quota-patch", namespace: CORPUS_TEAM.name },
    spec: { hard: { pods: "500" } },
  },
  {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "namespace-patch", labels: { "shared-gpu/team": "team-b", "pod-security.kubernetes.io/enforce": "restricted" } },
  },
  { apiVersion: "v1", kind: "Node", metadata: { name: "node-label-patch" } },
  { apiVersion: "v1", kind: "Node", metadata: { name: "node-taint-patch" } },
  { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mig-config-map-patch", namespace: "gpu-operator" } },
];

/** Runtime classes of the corpus: the GPU Operator brings its own, and others may be there too. A pod with one that is not there is refused for that alone. */
export const RUNTIME_CLASSES: readonly KubernetesObject[] = ["nvidia", "nvidia-cdi", "nvidia-legacy", "crun", "gvisor"].map((name) => ({
  apiVersion: "node.k8s.io/v1",
  kind: "RuntimeClass",
  metadata: { name },
  handler: name,
}));
