/** What the controllers of a cluster say in events. */
import type { ApiServer, KubernetesObject } from "./api/api-server";

/** The events that are about an object, the oldest first: the name of an event ends in the time of its creation. */
export async function eventsOf(api: ApiServer, { metadata }: KubernetesObject): Promise<readonly KubernetesObject[]> {
  return api.list(
    `/api/v1/namespaces/${String(metadata["namespace"])}/events`,
    `fieldSelector=involvedObject.uid%3D${String(metadata["uid"])}`,
  );
}

/**
 * Why the controller of claims does not make a claim of a pod; undefined: it has not said so, or what it said no longer holds.
 *
 * The controller reads templates from a cache. A pod that comes right after its template can be seen first: then the controller says that there is no such
 * template, and makes the claim when it tries again.
 */
export async function claimFailure(api: ApiServer, pod: KubernetesObject): Promise<string | undefined> {
  const failures = (await eventsOf(api, pod)).filter(({ reason }) => reason === "FailedResourceClaimCreation");
  for (const failure of failures.reverse()) {
    const message = String(failure["message"]);
    const name = MISSING_TEMPLATE.exec(message)?.[1];
    if (name === undefined || !(await isThere(api, name, pod))) {
      return message;
    }
  }
  return undefined;
}

/** Kubernetes, `pkg/controller/resourceclaim/controller.go`: `resource claim template %q: %v`, with the error of the cache. */
const MISSING_TEMPLATE = /resourceclaimtemplate\S* "([^"]+)" not found/;

async function isThere(api: ApiServer, name: string, { metadata }: KubernetesObject): Promise<boolean> {
  const { namespace } = metadata;
  const template = { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaimTemplate", metadata: { name, namespace } };
  return (await api.find(template)) !== undefined;
}
