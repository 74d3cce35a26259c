/** Which devices claims were given. A claim is deleted when its pod has ended, so that afterwards nobody can ask. */
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../../live/api/api-server";
import type { ApiServer, KubernetesObject } from "../../live/api/api-server";
import { DRIVER } from "../../well-known/attributes";
import type { GivenDevice } from "./attempt";

export interface Allocations {
  /** What the claims of a pod were given, by its uid. Waits a moment for what is on its way. */
  readonly of: (podUid: string) => Promise<readonly GivenDevice[]>;
}

const RETRY_MS = 500;

/** A limit against hanging: the claim of a pod that has ended was allocated before. */
const ON_ITS_WAY_MS = 30_000;

/** Follows the claims of a namespace from now on, until the signal. Answers once no change is missed any more. */
export async function followAllocations(api: ApiServer, namespace: string, signal: AbortSignal): Promise<Allocations> {
  const path = `/apis/resource.k8s.io/v1/namespaces/${namespace}/resourceclaims`;
  const devices = new Map<string, readonly GivenDevice[]>();
  const note = (claim: KubernetesObject) => {
    const results = (claim["status"]?.allocation?.devices?.results ?? []) as readonly (GivenDevice & { readonly driver: string })[];
    const owner = ((claim.metadata["ownerReferences"] ?? []) as readonly { readonly uid: string }[])[0]?.uid;
    if (owner !== undefined && results.length > 0) {
      devices.set(
        owner,
        results.filter(({ driver }) => driver === DRIVER).map(({ pool, device }) => ({ pool, device })),
      );
    }
  };
  const list = async () => {
    const { items, metadata } = (await api.get(path)) as { items: readonly KubernetesObject[]; metadata: { resourceVersion: string } };
    items.forEach(note);
    return metadata.resourceVersion;
  };
  let version = await list();
  const follow = async () => {
    while (!signal.aborted) {
      try {
        await api.watch(
          path,
          ({ type, object }) => {
            if (type === "ERROR") {
              throw new ApiError(Number(object["code"]), String(object["reason"]), String(object["message"]));
            }
            version = String(object.metadata["resourceVersion"]);
            note(object);
          },
          signal,
          `resourceVersion=${version}`,
        );
      } catch {
        // The server ends watches when it likes, and forgets versions. What is there then counts.
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
        version = signal.aborted ? version : await list().catch(() => version);
      }
    }
  };
  void follow();
  return {
    of: async (podUid) => {
      const deadline = Date.now() + ON_ITS_WAY_MS;
      while (!devices.has(podUid) && Date.now() < deadline && !signal.aborted) {
        await sleep(RETRY_MS / 2);
      }
      return devices.get(podUid) ?? [];
    },
  };
}
