/** Removes what was created in a cluster of somebody else, and what its controllers have made of that. */
import { ApiError, errorOf } from "../live/api/api-server";
import type { ApiServer, KubernetesObject } from "../live/api/api-server";
import type { Created } from "../live/api/created";
import { waitFor } from "../live/wait";

const NAMESPACES = "/api/v1/namespaces";
const NODES = "/api/v1/nodes";
/** A limit against hanging: to empty a namespace takes the controllers seconds. */
const TIMEOUT_MS = 200_000;

/** Answers when all of it is gone. @throws Error that names what is left. */
export async function removeCreated(api: ApiServer, created: Created): Promise<void> {
  await noteVolumeClaims(api, created);
  const all = created.collections();
  const namespaceOf = (collection: string) => /\/namespaces\/([^/]+)\//.exec(collection)?.[1];
  const inside = all.filter((collection) => created.has(NAMESPACES, namespaceOf(collection) ?? ""));
  const first = all.filter((collection) => collection === NODES || (namespaceOf(collection) !== undefined && !inside.includes(collection)));
  const last = all.filter((collection) => ![...inside, ...first, NAMESPACES].includes(collection));
  const withPods = async (collections: readonly string[]) => [
    ...(await remaining(api, collections, created)),
    ...(await lostPods(api, created)),
  ];

  // What makes pods goes before its namespace: in one that is going, a Job can make no others, and keeps those it has for a minute.
  await Promise.all((await remaining(api, inside, created)).map((path) => remove(api, path)));
  await removeAll(api, () => withPods(first));
  await removeAll(api, () => withPods([NAMESPACES]));
  // What namespaces may need to go, such as kinds and rights.
  await removeAll(api, () => remaining(api, last, created));
}

/** A StatefulSet's volume claims outlive it. */
async function noteVolumeClaims(api: ApiServer, created: Created): Promise<void> {
  for (const collection of created.collections().filter((path) => path.endsWith("/statefulsets"))) {
    const sets = (await list(api, collection)).filter(({ metadata }) => created.has(collection, String(metadata["name"])));
    const prefixes = sets.flatMap(({ metadata, spec }) =>
      ((spec.volumeClaimTemplates ?? []) as readonly KubernetesObject[]).map(
        (template) => `${String(template.metadata["name"])}-${String(metadata["name"])}-`,
      ),
    );
    const claims = collection.replace(/apis\/apps\/v1/, "api/v1").replace(/statefulsets$/, "persistentvolumeclaims");
    const names = prefixes.length === 0 ? [] : (await list(api, claims)).map(({ metadata }) => String(metadata["name"]));
    names
      .filter((name) => prefixes.some((prefix) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length))))
      .forEach((name) => created.note(claims, name));
  }
}

/** Deletes what a look finds, until it finds nothing. */
async function removeAll(api: ApiServer, look: () => Promise<readonly string[]>): Promise<void> {
  let left: readonly string[] = [];
  await waitFor(
    "the end of what was created",
    async () => {
      left = await look();
      await Promise.all(left.map((path) => remove(api, path)));
      return left.length === 0;
    },
    { timeoutMs: TIMEOUT_MS, describe: () => Promise.resolve(left.join(", ")) },
  );
}

/** Paths of what there still is of it. */
async function remaining(api: ApiServer, collections: readonly string[], created: Created): Promise<readonly string[]> {
  const lists = await Promise.all(
    collections.map(async (collection) => {
      const names = created.names(collection);
      const there = await list(api, collection);
      return there.map(({ metadata }) => String(metadata["name"])).flatMap((name) => (names.has(name) ? [`${collection}/${name}`] : []));
    }),
  );
  return lists.flat();
}

/** Pods that wait for a kubelet to end them, where there is none: those that were created, and those of the cluster's own daemon sets on simulated nodes. */
async function lostPods(api: ApiServer, created: Created): Promise<readonly string[]> {
  const pods = await list(api, "/api/v1/pods");
  const isLost = ({ metadata, spec }: KubernetesObject) =>
    created.has(NODES, String(spec.nodeName)) || created.has(NAMESPACES, String(metadata["namespace"]));
  return pods.filter(isLost).map(({ metadata }) => `${NAMESPACES}/${String(metadata["namespace"])}/pods/${String(metadata["name"])}`);
}

async function list(api: ApiServer, collection: string): Promise<readonly KubernetesObject[]> {
  try {
    return await api.list(collection);
  } catch (error) {
    // A kind whose definition is gone.
    if (error instanceof ApiError && error.status === 404) {
      return [];
    }
    throw error;
  }
}

/** Once more for what is going already, which takes that well, and without which a pod would wait for its kubelet. */
async function remove(api: ApiServer, path: string): Promise<void> {
  const answer = await api.request("DELETE", `${path}?gracePeriodSeconds=0&propagationPolicy=Background`);
  if (answer.status >= 400 && ![404, 409].includes(answer.status)) {
    throw errorOf(answer);
  }
}
