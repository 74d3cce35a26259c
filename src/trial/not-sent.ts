/** Kinds that would put somebody in charge who does not run here, or change what the simulated nodes are. They are named, and not sent. */

const WEBHOOK = "the server that it names does not run here, and the API server would wait for it";
const FLEET = "the nodes and devices of the control plane are those of the stack";

const NOT_SENT: ReadonlyMap<string, string> = new Map([
  ["admissionregistration.k8s.io ValidatingWebhookConfiguration", WEBHOOK],
  ["admissionregistration.k8s.io MutatingWebhookConfiguration", WEBHOOK],
  ["apiregistration.k8s.io APIService", WEBHOOK],
  [" Node", FLEET],
  ["resource.k8s.io ResourceSlice", FLEET],
]);

/** Why an object is not sent; undefined: it is. */
export function whyNotSent({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string | undefined {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  return NOT_SENT.get(`${group} ${kind}`);
}
