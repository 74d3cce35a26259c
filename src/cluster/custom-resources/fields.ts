/** Fields that mean the same in the custom resources of all operators, and that nothing checks further on. */
import { textOf } from "../../json/text-of";
import { isObject } from "../../dra/manifest/fields";
import { STATIC_POD_PREFIX, injectsDevices } from "../../well-known/device-requests";
import { childrenOf, isUnknown } from "./paths";
import type { Place } from "./paths";
import { MAX_LEVELS, isWholeObject, lastKey } from "./structure";
import type { CarriedPod, Unchecked } from "./types";

/** Services of these types open pods to networks beyond the cluster. */
const OPEN_SERVICES: readonly unknown[] = ["LoadBalancer", "NodePort", "ExternalName"];

/** Fields of which any value can be one of those. */
const DECIDING: readonly string[] = ["annotations", "serviceType", "podSpecPatch"];

/** By this annotation KubeVirt runs containers of any image beside a machine. */
const HOOKS = "hooks.kubevirt.io/hookSidecars";

/** A text of which Argo computes all, or the name of a field. A value can be a parameter. */
const COMPUTED = /^\s*\{\{|\}\}[^,\n"']*(?:["']\s*:|:\s)/;

/** What a template of Argo says to kubectl, by path. */
const KUBECTL_PARTS = /(?:^|\.)resource\.(?:action|flags(?:\[\d+\])?)$/;

/** What a template of Argo may do with an object. The others change what is there already, of which the program shows a part or nothing. */
const ACTIONS: readonly unknown[] = ["create", "apply", "get"];

/** Options of kubectl that change neither which objects it reads, nor where it sends them, nor as whom. */
const KUBECTL_OPTIONS =
  /^(?:-o|-o=?(?:json|yaml|name)|--output(?:=(?:json|yaml|name))?|json|yaml|name|--(?:validate|server-side|force-conflicts|save-config)(?:=\w+)?)$/;

/**
 * What a custom resource asks for by annotations of its pods, which many operators copy from the object itself, by the type of its Services and by a path of the
 * node, and what Argo computes or fetches, wherever in a workflow a template is. A pod and a whole object inside it are judged by policies of their own.
 * @param pods the pods that were read.
 */
export function refusedAnywhere(body: Readonly<Record<string, unknown>>, pods: readonly CarriedPod[]): readonly Unchecked[] {
  const judged = new Set(pods.flatMap(({ path }) => [`${path}.metadata`, `${path}.spec.volumes`, `${path}.volumes`]));
  const found: Unchecked[] = [];
  for (const [key, value] of Object.entries(body).filter(([name]) => name !== "status")) {
    visit({ path: key, value }, 0);
  }
  return found;

  function visit(at: Place, level: number): void {
    const { path, value } = at;
    if (level > MAX_LEVELS || judged.has(path) || (isObject(value) && isWholeObject(value))) {
      return;
    }
    const key = lastKey(path);
    const reason = reasonOf(key, value) ?? ofResourceTemplate(path, value);
    if (reason !== undefined || (isUnknown(value) && (DECIDING.includes(key) || KUBECTL_PARTS.test(path)))) {
      found.push({ path, reason });
    }
    for (const child of childrenOf(at)) {
      visit(child, level + 1);
    }
  }
}

function reasonOf(key: string, value: unknown): string | undefined {
  if (/annotations$/i.test(key) && isObject(value) && Object.keys(value).some(givesPods)) {
    return "has an annotation that gives pods devices or containers which nothing checks. Remove it, and claim a slice";
  }
  if (/^type$|ServiceType$|^serviceType$/.test(key) && OPEN_SERVICES.includes(value)) {
    return `is ${textOf(value)}, which opens a Service to networks beyond the cluster. Use ClusterIP`;
  }
  if (key === "externalIPs" && Array.isArray(value) && value.length > 0) {
    return "takes traffic for addresses that are not the Service's. Remove it";
  }
  if (key === "manifestFrom" && isObject(value)) {
    return "creates an object from an artifact, which nothing checks. Write the object in `manifest`";
  }
  if ((key === "podSpecPatch" || key === "manifest") && typeof value === "string" && COMPUTED.test(value)) {
    return "is computed when the workflow runs, so nothing checks it. Write the fields out, with parameters as quoted values only";
  }
  return key === "hostPath" && typeof value === "string" && value !== ""
    ? "is a directory of the node. Use a PersistentVolumeClaim"
    : undefined;
}

/** What is wrong with what a template of Argo says to kubectl, wherever in a workflow the template is. */
function ofResourceTemplate(path: string, value: unknown): string | undefined {
  if (!KUBECTL_PARTS.test(path) || isUnknown(value) || Array.isArray(value)) {
    return undefined;
  }
  if (path.endsWith(".action")) {
    return ACTIONS.includes(value)
      ? undefined
      : `is ${JSON.stringify(value)}, which changes or deletes objects that this program does not show. Use create or apply`;
  }
  return typeof value === "string" && KUBECTL_OPTIONS.test(value)
    ? undefined
    : "can take the object from elsewhere, or send it elsewhere or as somebody else. Remove it, and write the object in `manifest`";
}

function givesPods(annotation: string): boolean {
  return injectsDevices(annotation) || annotation === HOOKS || annotation.startsWith(STATIC_POD_PREFIX);
}
