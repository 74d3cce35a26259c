import type { ResourceValidationPolicy } from "@pulumi/policy";
import { findCustomKind } from "../../src/cluster/custom-resources/table";
import type { CustomContents } from "../../src/cluster/custom-resources/types";
import { onKubernetes } from "../evaluation/on-resource";
import { unknownPaths } from "../evaluation/snapshot";
import { kubernetesObjects } from "../resources/objects";

/** Parts of an object in which its controller finds nothing to create. */
const CREATES_NOTHING = ["metadata", "status"];

/**
 * Says in a preview which parts of a custom resource only `pulumi up` can check. Any text in it can be an object that a controller creates. Most are names and
 * addresses, which many programs compute from outputs, so that a preview passes them.
 */
export const customResourcesKnown: ResourceValidationPolicy = {
  name: "custom-resources-known",
  displayName: "Custom resources are known",
  description:
    "Checks that every part of a custom resource is known before `pulumi up`, so that the policies for pods, claims and objects search it in the preview.",
  enforcementLevel: "advisory",
  severity: "low",
  tags: ["tenancy", "kubernetes"],
  remediationSteps: "Build the custom resource from values of the configuration, or leave the check to `pulumi up`.",
  validateResource: onKubernetes((resource) => {
    const { props } = resource;
    return kubernetesObjects(resource)
      .filter(({ group, kind, prefix }) => prefix === "" && findCustomKind(group, kind)?.type !== "plain")
      .flatMap(({ kind, contents }) => {
        if (contents === undefined) {
          return [];
        }
        const judged = judgedPaths(contents);
        return Object.keys(props)
          .filter((key) => !CREATES_NOTHING.includes(key))
          .flatMap((key) => unknownPaths(props[key], key))
          .filter((path) => !judged.some((part) => path === part || path.startsWith(`${part}.`) || path.startsWith(`${part}[`)))
          .map((path) => `${kind}: "${path}" is unknown until \`pulumi up\`, which checks what it creates before it makes the resource`);
      });
  }),
};

/** What other policies judge, and deny if it is unknown and decides something. */
function judgedPaths({ pods, claims, unchecked }: CustomContents): readonly string[] {
  return [
    ...pods.flatMap(({ path, spec, containers, unknown }) => [
      // The record is the spec of a pod, or has it.
      ...Object.keys(spec).flatMap((key) => [`${path}.${key}`, `${path}.spec.${key}`]),
      ...[...containers.map((container) => container.path), ...unknown],
    ]),
    ...[...claims, ...unchecked].map(({ path }) => path),
  ];
}
