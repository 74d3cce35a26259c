/** Probes and handlers of a container's lifecycle that name a host. */
import type { core } from "@pulumi/kubernetes/types/input";
import type { PodContainer } from "../resources/pod-specs";
import { fieldsAt, isSet } from "../resources/pod-specs";
import type { PropertiesOf } from "../evaluation/properties";
import { UNKNOWN, show } from "../evaluation/snapshot";

/** What the kubelet does for a probe or a handler. */
type Handler = Partial<PropertiesOf<Pick<core.v1.Probe & core.v1.LifecycleHandler, "httpGet" | "tcpSocket">>>;

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
const HANDLERS = ["postStart", "preStop"] as const;

/**
 * The kubelet connects from the node's own network, past network policies and past the hop limit of the metadata service. Pod Security level `baseline` refuses a host since
 * Kubernetes 1.34 (check_hostProbesAndHostLifecycle.go).
 */
export function handlerHosts({ content, path }: PodContainer, unknown: string[]): readonly string[] {
  const lifecycle = fieldsAt(content, "lifecycle", path, unknown);
  return [
    ...PROBES.flatMap((name) => hosts(fieldsAt(content, name, path, unknown), `${path}.${name}`, unknown)),
    ...HANDLERS.flatMap((name) => hosts(fieldsAt(lifecycle, name, `${path}.lifecycle`, unknown), `${path}.lifecycle.${name}`, unknown)),
  ];
}

function hosts(handler: Handler, path: string, unknown: string[]): readonly string[] {
  return (["httpGet", "tcpSocket"] as const).flatMap((action) => {
    const { host } = fieldsAt(handler, action, path, unknown);
    if (host === UNKNOWN) {
      unknown.push(`${path}.${action}.host`);
      return [];
    }
    return isSet(host)
      ? [`${path}.${action}.host is ${show(host)}, to which the node itself connects. Remove it: the address of the pod is the default`]
      : [];
  });
}
