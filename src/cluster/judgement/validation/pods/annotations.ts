/**
 * Annotations that the API server reads: ways of saying in a pod's metadata what is a field by now, and the cost of a pod's end.
 * Source: `ValidatePodSpecificAnnotations` and `validateSeccompAnnotationsAndFields` of Kubernetes, `pkg/apis/core/validation/validation.go`.
 */
import { problem } from "../../../../dra/manifest/fields";
import { asList, asPart, each, isGiven, text } from "../rules";
import type { Part, Problems } from "../rules";
import { tolerationProblems } from "./scheduling";

const MIRROR = "kubernetes.io/config.mirror";
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
const TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations";
const POD_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";

const LOCAL = "localhost/";

/** What an annotation may name besides profiles of the node, with the type of the field that says the same. */
const SECCOMP_PROFILES: ReadonlyMap<string, string> = new Map([
  ["runtime/default", "RuntimeDefault"],
  ["docker/default", "RuntimeDefault"],
  ["unconfined", "Unconfined"],
]);
const APP_ARMOR_PROFILES: ReadonlyMap<string, string> = new Map([
  ["runtime/default", "RuntimeDefault"],
  ["unconfined", "Unconfined"],
]);

/** @param path of the annotations. @param specPath of the pod's spec. */
export function podAnnotationProblems(annotations: unknown, path: string, spec: Part, specPath: string): Problems {
  const given = asPart(annotations);
  const at = (key: string) => `${path}[${key}]`;
  const cost = given[DELETION_COST];
  return [
    ...(given[MIRROR] !== undefined && !isGiven(spec["nodeName"])
      ? [problem(at(MIRROR), given[MIRROR], "is for pods that a kubelet makes itself. Remove it")]
      : []),
    ...(cost === undefined || isInteger32(text(cost))
      ? []
      : [problem(at(DELETION_COST), cost, 'must be an integer of 32 bits, such as "-5", without leading zeros and "+"')]),
    ...oldTolerationProblems(given[TOLERATIONS], at(TOLERATIONS)),
    ...profileProblems(given, POD_SECCOMP, "seccompProfile", { holder: spec, path, holderPath: specPath }),
    ...containersOf(spec, specPath).flatMap(({ container, at: holderPath }) => [
      ...profileProblems(given, `${CONTAINER_SECCOMP}${text(container["name"])}`, "seccompProfile", {
        holder: container,
        path,
        holderPath,
      }),
      ...profileProblems(given, `${APP_ARMOR}${text(container["name"])}`, "appArmorProfile", { holder: container, path, holderPath }),
    ]),
    ...strayProblems(given, spec, specPath, at),
  ];
}

function isInteger32(value: string): boolean {
  return /^(?:0|-\d+|[1-9]\d*)$/.test(value) && Math.abs(Number(value) + 0.5) < 2 ** 31;
}

function oldTolerationProblems(value: unknown, path: string): Problems {
  if (!isGiven(value)) {
    return [];
  }
  const tolerations = parsed(text(value));
  return Array.isArray(tolerations)
    ? each(tolerations, path, tolerationProblems)
    : [problem(path, value, "must be a list in JSON, and has no effect. Remove it and write spec.tolerations")];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** A profile, and the field of the same pod or container, which must say the same. */
function profileProblems(
  annotations: Part,
  key: string,
  field: "seccompProfile" | "appArmorProfile",
  { holder, path, holderPath }: { readonly holder: Part; readonly path: string; readonly holderPath: string },
): Problems {
  const value = annotations[key];
  const at = `${path}[${key}]`;
  if (value === undefined) {
    return [];
  }
  const known = field === "seccompProfile" ? SECCOMP_PROFILES : APP_ARMOR_PROFILES;
  const profile = text(value);
  const type = profile.startsWith(LOCAL) ? "Localhost" : known.get(profile);
  // An empty one of AppArmor is legal, and unlike every field.
  if (type === undefined && !(profile === "" && field === "appArmorProfile")) {
    return [
      problem(at, value, `must be one of ${[...known.keys()].join(", ")}, ${LOCAL}PROFILE. Remove it and write securityContext.${field}`),
    ];
  }
  const { type: fieldType, localhostProfile } = asPart(asPart(holder["securityContext"])[field]);
  const isSame = !isGiven(fieldType) || (fieldType === type && (type !== "Localhost" || profile === `${LOCAL}${text(localhostProfile)}`));
  return isSame ? [] : [problem(at, value, `must say the same as ${holderPath}.securityContext.${field}. Remove the annotation`)];
}

/** Profiles of containers that there are not. Of seccomp the API server looks at the format only. */
function strayProblems(annotations: Part, spec: Part, specPath: string, at: (key: string) => string): Problems {
  const names = containersOf(spec, specPath).map(({ container }) => text(container["name"]));
  return Object.entries(annotations).flatMap(([key, value]) => {
    if (key.startsWith(APP_ARMOR) && !names.includes(key.slice(APP_ARMOR.length))) {
      return [problem(at(key), key.slice(APP_ARMOR.length), `there is no such container; there are: ${names.join(", ")}`)];
    }
    const isStray = key.startsWith(CONTAINER_SECCOMP) && !names.includes(key.slice(CONTAINER_SECCOMP.length));
    return isStray && !SECCOMP_PROFILES.has(text(value)) && !text(value).startsWith(LOCAL)
      ? [problem(at(key), value, `must be one of ${[...SECCOMP_PROFILES.keys()].join(", ")}, ${LOCAL}PROFILE`)]
      : [];
  });
}

function containersOf(spec: Part, path: string): readonly { readonly container: Part; readonly at: string }[] {
  return ["initContainers", "containers"].flatMap((list) =>
    asList(spec[list]).map((container, index) => ({ container: asPart(container), at: `${path}.${list}[${String(index)}]` })),
  );
}
