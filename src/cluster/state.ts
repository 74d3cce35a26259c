/** What the objects of a cluster say to its scheduler. */
import type { ClusterState } from "../dra/allocator";
import { readClaim } from "../dra/claims";
import type { ResourceClaim, ResourceClaimTemplate } from "../dra/claims";
import { draDriverClasses } from "../dra/device-classes";
import type { DeviceClass } from "../dra/device-classes";
import { compileSelector } from "../dra/selector/selector";
import type { KubernetesRules } from "../releases/kubernetes";
import type { Release } from "../releases/types";
import type { ObjectProblem } from "./judgement/checks";
import { valueAt } from "../json/value-at";
import type { ClusterObject } from "./objects";

/** Claims and templates with the object that each was read from. */
interface ReadClaims {
  readonly claims: readonly { readonly object: ClusterObject; readonly claim: ResourceClaim }[];
  readonly templates: readonly { readonly object: ClusterObject; readonly template: ResourceClaimTemplate }[];
}

export interface StateReading extends ReadClaims {
  /** Without pods: those are scheduled, or known to run already. */
  readonly state: ClusterState;
  /** What the API server would refuse. A refused claim or template is not in the state. */
  readonly problems: readonly ObjectProblem[];
}

/**
 * Reads device classes, claims and claim templates, each in the namespace of its object. The vendor's device classes, which a chart creates,
 * are added.
 * @param objects of any kinds, wherever they were read.
 * @param hardware the cluster's nodes, and the slices that its drivers publish.
 * @param release what the cluster's Kubernetes version accepts, and which device classes its DRA driver's chart creates.
 */
export function readState(
  objects: readonly ClusterObject[],
  hardware: Pick<ClusterState, "nodes" | "slices">,
  release: Pick<Release, "kubernetes" | "draDriver">,
): StateReading {
  const { kubernetes: rules, draDriver } = release;
  const problems: ObjectProblem[] = [];
  const refused = (object: ClusterObject, messages: readonly string[]) => {
    problems.push(...messages.map((message) => ({ object, message })));
  };
  const { claims, templates } = readClaims(objects, rules, refused);
  const state = {
    ...hardware,
    deviceClasses: [...draDriverClasses(draDriver), ...readClasses(objects, rules, refused)],
    claims: claims.map(({ claim }) => claim),
    templates: templates.map(({ template }) => template),
    pods: [],
  };
  return { state, claims, templates, problems };
}

function readClaims(
  objects: readonly ClusterObject[],
  rules: KubernetesRules,
  refused: (object: ClusterObject, messages: readonly string[]) => void,
): ReadClaims {
  const claims: { object: ClusterObject; claim: ResourceClaim }[] = [];
  const templates: { object: ClusterObject; template: ResourceClaimTemplate }[] = [];
  for (const object of objects.filter(({ apiVersion }) => apiVersion.startsWith("resource.k8s.io/"))) {
    if (object.kind !== "ResourceClaim" && object.kind !== "ResourceClaimTemplate") {
      continue;
    }
    const reading = readClaim(asWritten(object), rules);
    if (reading.type === "invalid") {
      refused(object, reading.problems);
    } else if (reading.claim.kind === "ResourceClaim") {
      claims.push({ object, claim: { ...reading.claim, namespace: object.namespace } });
    } else {
      templates.push({ object, template: { ...reading.claim, namespace: object.namespace } });
    }
  }
  return { claims, templates };
}

/** An object as its author wrote it: without a status, which creation ignores, and without what the provider answered besides. */
function asWritten({ body: { apiVersion, kind, metadata, spec } }: ClusterObject): object {
  return { apiVersion, kind, metadata, spec };
}

function expressionOf(selector: unknown): string {
  const expression = valueAt(selector, "cel", "expression");
  return typeof expression === "string" ? expression : "";
}

function readClasses(
  objects: readonly ClusterObject[],
  rules: KubernetesRules,
  refused: (object: ClusterObject, messages: readonly string[]) => void,
): readonly DeviceClass[] {
  return objects
    .filter(({ apiVersion, kind }) => apiVersion.startsWith("resource.k8s.io/") && kind === "DeviceClass")
    .map((object) => {
      const selectors = valueAt(object.body, "spec", "selectors");
      const expressions = (Array.isArray(selectors) ? (selectors as readonly unknown[]) : []).map(expressionOf);
      for (const [index, expression] of expressions.entries()) {
        const compiled = compileSelector(expression, rules);
        if (compiled.type === "invalid") {
          refused(object, [`spec.selectors[${index}].cel.expression: ${compiled.message}`]);
        }
      }
      const resource = valueAt(object.body, "spec", "extendedResourceName");
      return { name: object.name, selectors: expressions, ...(typeof resource === "string" ? { extendedResourceName: resource } : {}) };
    });
}
