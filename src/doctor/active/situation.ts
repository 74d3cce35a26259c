/** What the checks of the active check plan with. */
import { listAt } from "../../cluster/objects";
import { valueAt } from "../../json/value-at";
import type { Examined } from "../check";
import { podsOf } from "../cluster";
import type { ObservedNode } from "../cluster";
import type { Attempts } from "./attempt";
import type { ActiveNames } from "./places";

export interface Situation {
  readonly examined: Examined;
  readonly names: ActiveNames;
}

export type ActiveCheck = (situation: Situation) => Attempts;

export type ImageReading = { readonly type: "image"; readonly image: string } | { readonly type: "invalid"; readonly reason: string };

/**
 * The image in which the check looks at GPUs: that of the DRA driver's plugin, which every GPU node has already. It has bash and glibc, which nvidia-smi needs, because the plugin's
 * init container runs nvidia-smi too, and it sets `NVIDIA_VISIBLE_DEVICES=all`, as images with CUDA do.
 * Source: kubernetes-sigs/dra-driver-nvidia-gpu, `deployments/container/Dockerfile` and `hack/kubelet-plugin-prestart.sh`, and the same Dockerfile of NVIDIA/k8s-dra-driver-gpu
 * (read 2026-11-28).
 */
export function imageOn({ name, body, pods }: ObservedNode): ImageReading {
  const ready = listAt(body, "status", "conditions").find((condition) => valueAt(condition, "type") === "Ready");
  if (valueAt(ready, "status") !== "True") {
    return { type: "invalid", reason: `node ${name} is not ready` };
  }
  if (valueAt(body, "spec", "unschedulable") === true) {
    return { type: "invalid", reason: `node ${name} is cordoned` };
  }
  const plugin = podsOf("draPlugin", pods).find(({ startedAt }) => startedAt !== undefined);
  const [container] = listAt(plugin?.body, "spec", "containers");
  const image = valueAt(container, "image");
  return typeof image === "string"
    ? { type: "image", image }
    : { type: "invalid", reason: `the DRA driver's plugin, whose image the check uses, does not run on node ${name}` };
}
