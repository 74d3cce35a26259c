/** Sends objects to an API server, as `pulumi up` and kubectl do. */
import { setTimeout as sleep } from "node:timers/promises";
import { admissionPoliciesInForce, limitRangesInForce, podsPossible, quotaInForce } from "../fleet/settled";
import { ApiError } from "../live/api/api-server";
import type { Answer, ApiServer, KubernetesObject } from "../live/api/api-server";
import { NotServedError } from "../live/api/discovery";

export type Sent =
  | { readonly type: "accepted"; readonly object: KubernetesObject; readonly warnings: readonly string[] }
  | { readonly type: "refused"; readonly message: string }
  /** The API server has no such kind. */
  | { readonly type: "notServed"; /** In kubectl's words. */ readonly message: string };

/** @param how `apply` as the provider does, which owns its objects; `create` as `kubectl create`, for which an object that exists is an error. */
export async function send(api: ApiServer, object: KubernetesObject, how: "apply" | "create"): Promise<Sent> {
  let answer: Answer;
  try {
    answer = await (how === "apply" ? api.tryApply(object) : api.tryCreate(object));
  } catch (error) {
    if (error instanceof NotServedError || (error instanceof ApiError && error.status === 404)) {
      return { type: "notServed", message: `no matches for kind "${object.kind}" in version "${object.apiVersion}"` };
    }
    throw error;
  }
  if (answer.status >= 400) {
    return { type: "refused", message: String(answer.body?.message ?? answer.body) };
  }
  return {
    type: "accepted",
    object: { ...(answer.body as KubernetesObject), apiVersion: object.apiVersion, kind: object.kind },
    warnings: answer.warnings,
  };
}

/** Kinds that admission reads from a copy of its own, which is a moment behind. The API server shows nobody when it has caught up. */
const READ_FROM_A_COPY: ReadonlySet<string> = new Set(["PriorityClass", "RuntimeClass", "StorageClass"]);
const COPY_MS = 1000;

/** Waits until an object has the effect on others that it is created for. */
export async function inForce(api: ApiServer, { kind, metadata }: KubernetesObject): Promise<void> {
  const [name, namespace] = [String(metadata["name"]), String(metadata["namespace"])];
  if (kind === "Namespace") {
    await podsPossible(api, name);
  } else if (kind === "ResourceQuota") {
    await quotaInForce(api, namespace, name);
  } else if (kind === "ValidatingAdmissionPolicyBinding") {
    await admissionPoliciesInForce(api);
  } else if (kind === "LimitRange") {
    await limitRangesInForce(api);
  } else if (READ_FROM_A_COPY.has(kind)) {
    await sleep(COPY_MS);
  }
}
