/** Claims and pods that quotas are tried with. */
import type { ClaimSpec } from "../../../src/dra/claims";
import { readClaim } from "../../../src/dra/claims";
import { TIERS } from "../../../src/dra/tiers";
import type { Answer, KubernetesObject } from "../../../src/live/api/api-server";
import { verdictOf } from "../refuser";
import { RULES } from "../../support/rules";

export function claim(namespace: string, name: string, requests: readonly object[]): KubernetesObject {
  return { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name, namespace }, spec: { devices: { requests } } };
}

/** A request for devices of a class. */
export const exactly = (deviceClassName: string, more: object = {}, name = "slice") => ({ name, exactly: { deviceClassName, ...more } });

/** A pod that Pod Security level `restricted` lets pass. */
export function pod(namespace: string, name: string, container: object = {}): KubernetesObject {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [{ name: "main", image: "registry.example.com/app:1", securityContext, ...container }],
    },
  };
}

/** How the answers read: `admitted`, or what exceeded the quota. */
export function told(answer: Answer): string {
  const verdict = verdictOf(answer);
  return verdict.type === "admitted" ? "admitted" : `${verdict.by}: ${verdict.message}`;
}

const [small, medium, large] = TIERS.map(({ className }) => className) as [string, string, string];
const choice = (deviceClassName: string, more: object, name: string) => ({ name, deviceClassName, ...more });

/** Requests of claims, by what there is to be counted of them. */
export const COUNTED: Readonly<Record<string, readonly object[]>> = {
  "one device": [exactly(small)],
  "a count": [exactly(small, { allocationMode: "ExactCount", count: 5 })],
  "every device": [exactly(medium, { allocationMode: "All" })],
  "two requests of one class": [exactly(small, {}, "a"), exactly(small, { count: 2 }, "b")],
  "two requests of two classes": [exactly(small, { count: 2 }, "a"), exactly(large, {}, "b")],
  "the first available of two classes": [{ name: "slice", firstAvailable: [choice(large, {}, "a"), choice(medium, {}, "b")] }],
  "the first available of one class, in numbers": [
    { name: "slice", firstAvailable: [choice(small, { count: 4 }, "a"), choice(small, {}, "b")] },
  ],
  "the first available, one of which is every device": [
    {
      name: "slice",
      firstAvailable: [choice(large, { allocationMode: "All" }, "a"), choice(large, { count: 2 }, "b"), choice(small, {}, "c")],
    },
  ],
  "the first available twice": [
    { name: "a", firstAvailable: [choice(large, {}, "x"), choice(medium, {}, "y")] },
    { name: "b", firstAvailable: [choice(large, { count: 2 }, "x"), choice(small, {}, "y")] },
  ],
  "the first available beside a request of the same class": [
    { name: "a", firstAvailable: [choice(large, {}, "x"), choice(medium, { count: 2 }, "y")] },
    exactly(medium, { count: 3 }, "b"),
  ],
  "no request": [],
  "a class that no quota knows": [exactly("some.example.com", { count: 2 })],
};

/** A claim of these requests as the rehearsal reads it. */
export function specOf(requests: readonly object[]): ClaimSpec {
  const reading = readClaim(claim("x", "x", requests), RULES);
  if (reading.type === "invalid") {
    throw new Error(reading.problems.join("\n"));
  }
  return reading.claim.spec;
}
