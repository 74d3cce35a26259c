/** What the values of a known chart add to what its publisher wrote: other images, containers, rights, and ways to the node and to other networks. */
import { UNKNOWN, isRecord } from "../evaluation/snapshot";
import type { KnownValue } from "./known-values";

/** No values of a chart are nested more deeply. */
const MAX_LEVELS = 100;

/**
 * One sentence for each value that is not known. The publisher's chart is trusted as it is, and nothing reads what Helm makes of its values.
 * @param known the values of this chart that are.
 */
export function addedByValues(values: unknown, known: readonly KnownValue[]): readonly string[] {
  const found: string[] = [];
  visit("values", [], values, 0);
  return found;

  function visit(path: string, keys: readonly string[], value: unknown, level: number): void {
    const what = level > MAX_LEVELS ? "is nested too deeply to be checked" : addition(keys, value);
    if (what !== undefined) {
      found.push(`"${path}" ${what}. Remove it, or install the chart with kubernetes.helm.v4.Chart, which registers each of its objects`);
    } else if (Array.isArray(value)) {
      value.forEach((item: unknown, index) => {
        visit(`${path}[${index}]`, keys, item, level + 1);
      });
    } else if (isRecord(value)) {
      for (const [name, child] of Object.entries(value)) {
        visit(`${path}.${name}`, [...keys, name], child, level + 1);
      }
    }
  }

  function addition(keys: readonly string[], value: unknown): string | undefined {
    if (isEmpty(value) || (value === false && OFF.includes(keys.at(-1) ?? "")) || known.some((entry) => isCovered(entry, keys, value))) {
      return undefined;
    }
    // Stryker disable next-line StringLiteral: neither text is a key that adds something
    const key = keys.at(-1) ?? "";
    const isPart = typeof value === "object";
    return (
      knownAddition(key, value) ?? (isPart || value === UNKNOWN ? undefined : "is not known to leave the chart as its publisher wrote it")
    );
  }
}

/** Whether a value says nothing. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** Keys that open something if they are true, in the values of every chart. Off is what each is in the end. Of others `false` can be what opens: `runAsNonRoot`. */
const OFF: readonly string[] = [
  "hostNetwork",
  "hostPID",
  "hostIPC",
  "privileged",
  "allowPrivilegeEscalation",
  "automountServiceAccountToken",
];

function isCovered({ path, values }: KnownValue, keys: readonly string[], value: unknown): boolean {
  const isBelow = keys.length >= path.length && path.every((key, index) => key === "*" || key === keys[index]);
  return isBelow && (values === undefined || values.includes(value));
}

/** What a value is known to add. */
function knownAddition(key: string, value: unknown): string | undefined {
  if (isRecord(value) && Array.isArray(value["verbs"])) {
    return "adds rights that no policy for roles sees";
  }
  if (value === true) {
    return /^(?:host(?:PID|IPC|Network)|privileged)$/.test(key) ? "opens the node to pods" : undefined;
  }
  if (typeof value === "string") {
    return ofText(key, value);
  }
  const isFilled = Array.isArray(value) ? value.length > 0 : isRecord(value) && Object.keys(value).length > 0;
  if (!isFilled) {
    return undefined;
  }
  if (/(?:containers|sidecars)$/i.test(key) && Array.isArray(value)) {
    return "adds containers that no policy for pods sees";
  }
  return /^(?:hostPath|extraHost\w*Mounts)$/.test(key) || (key === "add" && Array.isArray(value)) ? "opens the node to pods" : undefined;
}

function ofText(key: string, text: string): string | undefined {
  if (/^(?:image|repository|registry|imageRegistry)$/.test(key)) {
    return "takes the image from somebody else than the chart's publisher";
  }
  if (key === "hostPath") {
    return "opens the node to pods";
  }
  if (/(?:containers|sidecars)$/i.test(key)) {
    return "adds containers that no policy for pods sees";
  }
  if (/^(?:type|serviceType)$/.test(key) && ["LoadBalancer", "NodePort", "ExternalName"].includes(text)) {
    return "opens a Service to networks beyond the cluster";
  }
  if (/(?:name|namespace|fullname)Override$|[nN]amespaces?$/.test(key)) {
    return "puts the chart's objects, or what it watches, into names of others";
  }
  return /^extra(?:Manifests|Objects|Deploy|Resources)$/.test(key) && text.includes("{{")
    ? "is a template, which no policy can read"
    : undefined;
}
