import fc from "fast-check";
import type { KubernetesObject } from "../../../../src/live/api/api-server";
import { LABEL, NAME } from "../scenario";
import type { Scenario } from "../scenario";
import { ABSENT, claimSpec, classes } from "./claims";
import { effortOf, MAX_EFFORT } from "./effort";
import { node, storageNode } from "./nodes";
import { pod } from "./pods";
import type { ClaimSource, DrawnPod } from "./pods";
import { services } from "./preferences";
import { slicesOf } from "./slices";
import { volumeObjects } from "./volumes";

const API = "resource.k8s.io/v1";

/** Mostly about devices, some about which of several nodes pods prefer. */
export function scenarios(): fc.Arbitrary<Scenario> {
  return fc.oneof({ weight: 3, arbitrary: aboutDevices() }, { weight: 1, arbitrary: aboutPreferences() });
}

/** Two to four nodes, and three to eight pods without claims. */
function aboutPreferences(): fc.Arbitrary<Scenario> {
  return fc
    .integer({ min: 2, max: 4 })
    .chain((nodes) =>
      fc.record({
        nodes: fc.tuple(...namesOf(nodes).map(node)),
        storage: fc.tuple(...namesOf(nodes).map(storageNode)),
        services,
        pods: fc.array(pod([], { preferences: 3, requirements: 20, volumes: 4 }), { minLength: 3, maxLength: 8 }),
      }),
    )
    .map((drawn) => scenarioOf([namespace(false), ...drawn.nodes, ...drawn.storage.flat(), ...drawn.services], drawn.pods));
}

/** One to three nodes, one to three claims and templates each, two to six pods. */
function aboutDevices(): fc.Arbitrary<Scenario> {
  return fc
    .record({
      isOrderKnown: fc.constantFrom(true, true, true, false),
      adminAccess: fc.constantFrom(false, false, true),
      nodes: fc.integer({ min: 1, max: 3 }),
    })
    .chain(({ isOrderKnown, adminAccess, nodes }) => {
      const names = namesOf(nodes);
      const spec = claimSpec({ isOrderKnown, adminAccess });
      return fc
        .record({
          nodes: fc.tuple(...names.map(node)),
          storage: fc.tuple(...names.map(storageNode)),
          slices: fc.tuple(...names.map((name) => slicesOf(name, isOrderKnown))).map((lists) => lists.flat()),
          claims: fc.array(spec, { minLength: 1, maxLength: 2 }),
          templates: fc.array(spec, { minLength: 1, maxLength: 3 }),
        })
        .chain(({ claims, templates, ...cluster }) => {
          const objects = [
            namespace(adminAccess),
            ...cluster.nodes,
            ...cluster.storage.flat(),
            ...cluster.slices.map(({ metadata, ...slice }) => ({ ...slice, metadata: { ...metadata, labels: { [LABEL]: NAME } } })),
            ...classes(),
            ...claims.map((claim, index) => inNamespace(API, "ResourceClaim", `claim-${String(index)}`, { spec: claim })),
            ...templates.map((claim, index) =>
              inNamespace(API, "ResourceClaimTemplate", `template-${String(index)}`, { spec: { spec: claim } }),
            ),
          ];
          return fc
            .array(pod(sourcesOf(claims.length, templates.length), { preferences: 1, requirements: 6, volumes: 11 }), {
              minLength: 2,
              maxLength: 6,
            })
            .map((pods) => scenarioOf(objects, pods));
        });
    })
    .filter((scenario) => scenario.pods.every((asking) => effortOf(scenario, asking) <= MAX_EFFORT));
}

function namesOf(nodes: number): readonly string[] {
  return Array.from({ length: nodes }, (_, index) => `${NAME}-node-${String(index)}`);
}

/** @param pods without the names that they get here. */
function scenarioOf(objects: readonly KubernetesObject[], pods: readonly DrawnPod[]): Scenario {
  return {
    objects: [...objects, ...volumeObjects(pods)],
    pods: pods.map(({ labels, spec }, index) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `pod-${String(index)}`, namespace: NAME, labels: { ...labels, [LABEL]: NAME } },
      spec,
    })),
  };
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
