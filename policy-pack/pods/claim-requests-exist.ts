import type { StackValidationPolicy } from "@pulumi/policy";
import { TIERS } from "../../src/dra/tiers";
import { prefixed } from "../evaluation/findings";
import type { Finding } from "../evaluation/findings";
import type { Resource } from "../evaluation/on-resource";
import { onStack } from "../evaluation/on-stack";
import type { Stack } from "../evaluation/on-stack";
import { asRecord } from "../evaluation/snapshot";
import { namespaceOf, objectsToCheck, resourceOf } from "../platform/registrant";
import { PLATFORM_SCHEMA } from "../platform/settings";
import { readableClaims } from "../resources/claims";
import { isKubernetesType } from "../resources/kubernetes-type";
import type { KubernetesObject } from "../resources/objects";
import { podTemplates } from "../resources/pod-specs";
import { declinesDevices } from "./gpu-bypasses";
import { namedRequests } from "./named-requests";
import type { ClaimSource, NamedRequest } from "./named-requests";

/**
 * Checks that the requests that containers name in `resources.claims` exist. With a name that the claim does not have, the container gets no device, and nothing
 * sets its NVIDIA_VISIBLE_DEVICES to `void`, so its image could expose every GPU.
 *
 * The claim is known if the same program registers it. Beside any other, the container has to decline what its image asks for, as in the cluster.
 */
export const claimRequestsExist: StackValidationPolicy = {
  name: "claim-requests-exist",
  displayName: "Containers name requests that exist",
  description: "Checks that every request that a container names in resources.claims is one of its claim's.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["gpu", "dra", "pods", "tenancy"],
  remediationSteps:
    "Name a request of the claim, or leave request out: the container then gets all devices of the claim. For a claim of another program, also set the container's NVIDIA_VISIBLE_DEVICES to void.",
  configSchema: { properties: PLATFORM_SCHEMA },
  validateStack: onStack({
    types: isKubernetesType,
    check: (member, stack) => {
      const resource = resourceOf(member, stack);
      return objectsToCheck(resource).flatMap((object) => {
        // Of a name that is unknown until `pulumi up`, forbid-gpus-without-claim says so.
        const named = podTemplates(object).flatMap((pod) => namedRequests(pod).requests);
        return named
          .flatMap((each) => requestFindings(each, object, resource, stack))
          .map((finding) => prefixed(`${object.kind}: `, finding));
      });
    },
  }),
};

function requestFindings(named: NamedRequest, object: KubernetesObject, resource: Resource, stack: Stack): readonly Finding[] {
  const { path, container, request, source } = named;
  if (source?.type === "template" && TIERS.some(({ templateName }) => templateName === source.name)) {
    // forbid-gpus-without-claim checks those.
    return [];
  }
  const namespace = namespaceOf(object, resource);
  const known = source && claimsOf(stack).get(keyOf(source, String(namespace)));
  if (known !== undefined) {
    return known.requests.includes(request)
      ? []
      : [
          `${path}.request is "${request}", so the container gets no device: ${known.name} has ${known.requests.join(", ")}. Name one of them, or remove request`,
        ];
  }
  return declinesDevices(container)
    ? []
    : [
        `${path}.request is "${request}", and the claim is not registered by this program, so nobody here has seen whether it has that request. Remove request, or set NVIDIA_VISIBLE_DEVICES of the container to void`,
      ];
}

/** A claim or template that the program registers, with the names of its requests. */
interface RegisteredClaim extends ClaimSource {
  readonly requests: readonly string[];
}

const claims = new WeakMap<Stack, ReadonlyMap<string, RegisteredClaim>>();

function claimsOf(stack: Stack): ReadonlyMap<string, RegisteredClaim> {
  const found =
    claims.get(stack) ??
    new Map(
      stack.members.flatMap((member) => {
        const resource = resourceOf(member, stack);
        return readableClaims(resource).flatMap(({ object, spec }): readonly (readonly [string, RegisteredClaim])[] => {
          const { name } = asRecord(object.read("metadata"));
          const type = object.kind === "ResourceClaim" ? "claim" : "template";
          const requests = spec.requests.map((request) => request.name);
          return typeof name === "string" ? [[keyOf({ type, name }, String(namespaceOf(object, resource))), { type, name, requests }]] : [];
        });
      }),
    );
  claims.set(stack, found);
  return found;
}

function keyOf({ type, name }: ClaimSource, namespace: string): string {
  return `${type} ${namespace}/${name}`;
}
