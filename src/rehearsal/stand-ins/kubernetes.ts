/** Believable outputs of Kubernetes resources and of Helm releases: what an API server fills in. */
import { isNamespaced } from "../../cluster/scope";
import { UNKNOWN, asMap } from "../monitor/wire";
import type { WireValue } from "../monitor/wire";
import { hex } from "./account";
import type { Created, Registration } from "./account";

/** An object of any kind: name, namespace, uid and resource version. Unnamed objects get the provider's random suffix. */
export function kubernetesObject(resource: Registration): Created {
  const kind = resource.type.split(":").at(-1) ?? "";
  const given = asMap(resource.inputs.metadata as WireValue);
  const name = typeof given.name === "string" ? given.name : `${resource.name}-${hex(resource.urn, 8)}`;
  const namespace = isNamespaced(kind) ? (given.namespace ?? "default") : undefined;
  return {
    id: namespace === undefined || namespace === UNKNOWN ? name : `${String(namespace)}/${name}`,
    outputs: {
      metadata: {
        ...given,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        uid: uuid(resource.urn),
        resourceVersion: "1",
        generation: 1,
      },
    },
  };
}

/** `kubernetes:helm.sh/v3:Release`. */
export function helmRelease(resource: Registration): Created {
  const { inputs } = resource;
  const name = typeof inputs.name === "string" ? inputs.name : `${resource.name}-${hex(resource.urn, 8)}`;
  const namespace = typeof inputs.namespace === "string" ? inputs.namespace : "default";
  const version = typeof inputs.version === "string" ? inputs.version : "";
  return {
    id: `${namespace}/${name}`,
    outputs: {
      name,
      namespace,
      status: { appVersion: "", chart: String(inputs.chart), name, namespace, revision: 1, status: "deployed", version },
      resourceNames: {},
    },
  };
}

function uuid(seed: string): string {
  const digits = hex(seed, 32);
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join("-");
}
