import fc from "fast-check";
import type { KubernetesObject } from "../../../../src/live/api/api-server";
import { LABEL, NAME } from "../scenario";
import type { Scenario } from "../scenario";
import { ABSENT, claimSpec, classes } from "./claims";
import { effortOf, MAX_EFFORT } from "./effort";
import { node } from "./nodes";
import { pod } from "./pods";
import type { ClaimSource } from "./pods";
import { slicesOf } from "./slices";
import { volumeObjects } from "./volumes";

const API = "resource.k8s.io/v1";

/** One to three nodes, one to three claims and templates each, two to six pods. */
export function scenarios(): fc.Arbitrary<Scenario> {
  return fc
    .record({
      isOrderKnown: fc.constantFrom(true, true, true, false),
      adminAccess: fc.constantFrom(false, false, true),
      nodes: fc.integer({ min: 1, max: 3 }),
    })
    .chain(({ isOrderKnown, adminAccess, nodes }) => {
      const names = Array.from({ length: nodes }, (_, index) => `${NAME}-node-${String(index)}`);
      const spec = claimSpec({ isOrderKnown, adminAccess });
      return fc
        .record({
          nodes: fc.tuple(...names.map(node)),
          slices: fc.tuple(...names.map((name) => slicesOf(name, isOrderKnown))).map((lists) => lists.flat()),
          claims: fc.array(spec, { minLength: 1, maxLength: 2 }),
          templates: fc.array(spec, { minLength: 1, maxLength: 3 }),
        })
        .chain(({ claims, templates, ...cluster }) => {
          const objects = [
            namespace(adminAccess),
            ...cluster.nodes,
            ...cluster.slices.map(({ metadata, ...slice }) => ({ ...slice, metadata: { ...metadata, labels: { [LABEL]: NAME } } })),
            ...classes(),
            ...claims.map((claim, index) => inNamespace(API, "ResourceClaim", `claim-${String(index)}`, { spec: claim })),
            ...templates.map((claim, index) =>
              inNamespace(API, "ResourceClaimTemplate", `template-${String(index)}`, { spec: { spec: claim } }),
            ),
          ];
          return fc.array(pod(sourcesOf(claims.length, templates.length)), { minLength: 2, maxLength: 6 }).map((pods) => ({
            objects: [...objects, ...volumeObjects(pods)],
            pods: pods.map(({ labels, spec: podSpec }, index) => ({
              apiVersion: "v1",
              kind: "Pod",
              metadata: { name: `pod-${String(index)}`, namespace: NAME, labels },
              spec: podSpec,
            })),
          }));
        });
    })
    .filter((scenario) => scenario.pods.every((asking) => effortOf(scenario, asking) <= MAX_EFFORT));
}

/** Each twice as likely as one that does not exist. */
function sourcesOf(claims: number, templates: number): readonly ClaimSource[] {
  const existing: readonly ClaimSource[] = [
    ...Array.from({ length: claims }, (_, index) => ({ resourceClaimName: `claim-${String(index)}` })),
    ...Array.from({ length: templates }, (_, index) => ({ resourceClaimTemplateName: `template-${String(index)}` })),
  ];
  return [...Array.from({ length: 4 }, () => existing).flat(), { resourceClaimName: ABSENT }, { resourceClaimTemplateName: ABSENT }];
}

function namespace(adminAccess: boolean): KubernetesObject {
  const labels = adminAccess ? { labels: { "resource.kubernetes.io/admin-access": "true" } } : {};
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: NAME, ...labels } };
}

function inNamespace(apiVersion: string, kind: string, name: string, rest: Readonly<Record<string, unknown>>): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace: NAME }, ...rest };
}
