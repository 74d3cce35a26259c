/** Devices of other drivers than NVIDIA's that the model of the scheduler leaves out: they matter where a pending pod may get one, since it then takes CPU and slices, too. */
import type { ClusterState } from "../../dra/allocator";
import type { ClaimSpec } from "../../dra/claims";
import { requestedDevices } from "../../dra/claims";
import type { Pod } from "../../dra/pods";
import { compileSelector } from "../../dra/selector/selector";
import type { SelectorInput } from "../../dra/types";
import type { KubernetesRules } from "../../releases/kubernetes";

type Asking = Pick<ClusterState, "claims" | "templates" | "deviceClasses">;

/** Whether a claim of a pending pod matches one of the devices. */
export function isAskedFor(devices: readonly SelectorInput[], pending: readonly Pod[], asking: Asking, rules: KubernetesRules): boolean {
  const distinct = [...new Map(devices.map((device) => [JSON.stringify(device), device])).values()];
  return [...new Set(pending.flatMap((pod) => openSpecs(pod, asking)))].some((spec) =>
    spec.requests.flatMap(requestedDevices).some(({ exact }) => {
      const ofClass = asking.deviceClasses.find(({ name }) => name === exact.deviceClassName);
      const selectors = [...(ofClass?.selectors ?? []), ...exact.selectors].map((expression) => compileSelector(expression, rules));
      return (
        ofClass !== undefined &&
        distinct.some((device) =>
          selectors.every((selector) => selector.type === "invalid" || selector.evaluate(device).type !== "noMatch"),
        )
      );
    }),
  );
}

/** What the claims of a pod ask for that have no devices yet. */
function openSpecs({ namespace, claims }: Pod, asking: Asking): readonly ClaimSpec[] {
  return claims.flatMap(({ source }): readonly ClaimSpec[] => {
    const isIt = (name: string) => (each: { readonly namespace?: string | undefined; readonly name: string }) =>
      each.namespace === namespace && each.name === name;
    if (source.type === "template") {
      return asking.templates.filter(isIt(source.templateName)).map(({ spec }) => spec);
    }
    return asking.claims.filter(isIt(source.claimName)).flatMap(({ allocation, spec }) => (allocation === undefined ? [spec] : []));
  });
}
