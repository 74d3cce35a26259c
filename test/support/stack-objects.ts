/**
 * The Kubernetes objects that the stack registers, as the provider sends them, and what charts bring that these need. Helm releases themselves are not
 * rendered: operators and drivers have no nodes to work on here.
 */
import { DRIVER_CLASSES } from "../../src/fleet/operators/operators";
import { registeredObjects as registered } from "../../src/rehearsal/recorded/objects";
import type { ProgramOptions, RecordedResource, Recording } from "./program";
import { runProgram } from "./program";
import type { ApiServer, KubernetesObject } from "../../src/live/api/api-server";
import { waitFor } from "../../src/live/wait";

/** An object and the registration that it comes from. */
export interface RegisteredObject {
  readonly object: KubernetesObject;
  readonly resource: RecordedResource;
}

/** A kind of kube-prometheus-stack that the stack makes an object of. Its real definition checks more of `spec`. */
function monitoringKind(kind: string): KubernetesObject {
  const [singular, plural] = [kind.toLowerCase(), `${kind.toLowerCase()}s`];
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.monitoring.coreos.com` },
    spec: {
      group: "monitoring.coreos.com",
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: "object", properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } },
          },
        },
      ],
    },
  };
}

const MONITORING_KINDS = [monitoringKind("ServiceMonitor"), monitoringKind("PrometheusRule")];

/** What the charts of monitoring and of the DRA driver bring: definitions of custom resources and the driver's device classes. */
export const CHART_OBJECTS: readonly KubernetesObject[] = [...MONITORING_KINDS, ...DRIVER_CLASSES];

/**
 * Every object that the stack registers, in the order of registration, which is one that dependencies allow.
 * @param config settings over those of the dev stack, as `runProgram` takes them.
 */
export async function stackObjects(config: ProgramOptions["config"] = {}): Promise<readonly KubernetesObject[]> {
  return registeredObjects(await runProgram({ config })).map(({ object }) => object);
}

/** The objects of a recording as the provider sends them, each with its registration. */
export function registeredObjects(recording: Recording): readonly RegisteredObject[] {
  return registered(recording).map(({ sent, resource }) => ({ object: sent as KubernetesObject, resource }));
}

/** Applies what the charts bring and then the objects, one after the other. @throws ApiError for the first that is refused. */
export async function applyStack(api: ApiServer, objects: readonly KubernetesObject[]): Promise<void> {
  for (const object of CHART_OBJECTS) {
    await api.apply(object);
  }
  await waitFor("the kinds of the Prometheus operator", async () => {
    const served = await Promise.all(
      MONITORING_KINDS.map(({ spec }) => api.request("GET", `/apis/monitoring.coreos.com/v1/${String(spec.names.plural)}`)),
    );
    return served.every(({ status }) => status === 200);
  });
  for (const object of objects) {
    await api.apply(object);
  }
}
