import { claimFailure } from "../../src/live/events";
import type { ApiServer, KubernetesObject } from "../../src/live/api/api-server";

const POD: KubernetesObject = { apiVersion: "v1", kind: "Pod", metadata: { name: "one", namespace: "lab", uid: "u" } };
const NOT_FOUND = 'PodResourceClaim slices: resource claim template "small": resourceclaimtemplate.resource.k8s.io "small" not found';
const OVER = "exceeded quota: team, requested: pods=1, used: pods=1, limited: pods=1";

/** An API server with events about the pod, and the templates of its namespace. */
function server(messages: readonly string[], templates: readonly string[]): ApiServer {
  const events = messages.map((message) => ({ reason: "FailedResourceClaimCreation", message }));
  return {
    list: () => Promise.resolve([{ reason: "Scheduled", message: "no failure" }, ...events]),
    find: ({ metadata }: KubernetesObject) => Promise.resolve(templates.includes(String(metadata["name"])) ? POD : undefined),
  } as unknown as ApiServer;
}

test.each<[string, readonly string[], readonly string[], string | undefined]>([
  ["nothing is said", [], [], undefined],
  ["the template is missing", [NOT_FOUND], [], NOT_FOUND],
  ["the template has come since", [NOT_FOUND], ["small"], undefined],
  ["another template is there", [NOT_FOUND], ["smaller"], NOT_FOUND],
  ["a quota refuses the claim of a template that has come since", [NOT_FOUND, OVER], ["small"], OVER],
  ["the quota has been raised, then the template went", [OVER, NOT_FOUND], [], NOT_FOUND],
])("why the claim of a pod is not made: %s", async (_, messages, templates, expected) => {
  expect(await claimFailure(server(messages, templates), POD)).toBe(expected);
});
