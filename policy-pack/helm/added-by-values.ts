/** What the values of a known chart add to what its publisher wrote: other images, containers, rights, and ways to the node and to other networks. */
import { isRecord } from "../evaluation/snapshot";

/** No values of a chart are nested more deeply. */
const MAX_LEVELS = 100;

/** One sentence for each. The publisher's chart is trusted as it is, and nothing reads what Helm makes of its values. */
export function addedByValues(values: unknown): readonly string[] {
  const found: string[] = [];
  visit("values", "values", values, 0);
  return found;

  function visit(path: string, key: string, value: unknown, level: number): void {
    const what = level > MAX_LEVELS ? "is nested too deeply to be checked" : addition(key, value);
    if (what !== undefined) {
      found.push(`"${path}" ${what}. Remove it, or install the chart with kubernetes.helm.v4.Chart, which registers each of its objects`);
    } else if (Array.isArray(value)) {
      value.forEach((item: unknown, index) => {
        visit(`${path}[${index}]`, key, item, level + 1);
      });
    } else if (isRecord(value)) {
      for (const [name, child] of Object.entries(value)) {
        visit(`${path}.${name}`, name, child, level + 1);
      }
    }
  }
}

function addition(key: string, value: unknown): string | undefined {
  if (isRecord(value) && Array.isArray(value["verbs"])) {
    return "adds rights that no policy for roles sees";
  }
  if (value === true) {
    return /^(?:host(?:PID|IPC|Network)|privileged)$/.test(key) ? "opens the node to pods" : undefined;
  }
  if (typeof value === "string" && value !== "") {
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
  return /^extra(?:Manifests|Objects|Deploy|Resources)$/.test(key) && text.includes("{{")
    ? "is a template, which no policy can read"
    : undefined;
}
