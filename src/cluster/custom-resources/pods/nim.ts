/**
 * Services and caches of the NIM operator. Sources (NVIDIA/k8s-nim-operator f63f74d, 2026-08-19; read 2026-11-28): `manifests/deployment.yaml`,
 * `api/apps/v1alpha1/{nimservice,nimcache,dra}_types.go`, `internal/controller/nimcache_controller.go`.
 */
import { textOf } from "../../../json/text-of";
import { isObject } from "../../../dra/manifest/fields";
import { listAt, objectAt } from "../../objects";
import { valueAt } from "../../../json/value-at";
import type { JsonObject } from "../../objects";
import { claimFrom } from "../places";
import { containerFieldsOf, entriesOf } from "./reading";
import type { Context, CustomPods, MadeTemplate, Placement, ReadPods } from "./types";

/** The user of the pods where the resource names none (`GetUserID`). */
const USER_ID = 1000;

const NO_FIELD =
  "The NIM operator sets none for its container, and the resource has no field for it. It runs in namespaces of a lower level only, so run the image as a Deployment of your own";

/** Operators' device class of a claim that names none. */
const DEFAULT_CLASS = "gpu.nvidia.com";

export const NIM_SERVICE: ReadPods = ({ body, name }, context) => service(objectAt(body, "spec"), "spec", name, "", context);

/** A pipeline is a service for each of its entries that is switched on. */
export const NIM_PIPELINE: ReadPods = ({ body }, context) => {
  const services = entriesOf(objectAt(body, "spec"), "services", "spec")
    .filter(({ entry }) => entry["enabled"] === true)
    .map(({ entry, path }) => service(objectAt(entry, "spec"), `${path}.spec`, textOf(entry["name"]), textOf(entry["name"]), context));
  return { pods: services.flatMap(({ pods }) => pods), templates: services.flatMap(({ templates = [] }) => templates) };
};

function service(spec: JsonObject, path: string, name: string, role: string, { count }: Context): Placement {
  const scale = objectAt(spec, "scale");
  const autoscaled = scale["enabled"] === true;
  const hpa = objectAt(scale, "hpa");
  const replicas = autoscaled ? count(hpa, "minReplicas", `${path}.scale.hpa`, 1) : count(spec, "replicas", path, 1);
  const claims = claimsOf(spec, path, name);
  if (isObject(spec["multiNode"])) {
    return {
      pods: [],
      unplaced: [
        "with multiNode the operator makes a LeaderWorkerSet whose pods ask for whole GPUs, of which a slice is none: they are not placed",
      ],
    };
  }
  const pods: CustomPods = { path, role, spec: podOf(spec, claims.entries), count: replicas, remedy: NO_FIELD };
  return {
    pods: [pods],
    templates: claims.templates,
    scales: autoscaled ? [{ role, most: count(hpa, "maxReplicas", `${path}.scale.hpa`, replicas) }] : [],
  };
}

/** The claims of the pod: each container uses all of them. */
function claimsOf(spec: JsonObject, path: string, name: string) {
  const templates: MadeTemplate[] = [];
  const entries = entriesOf(spec, "draResources", path).map(({ entry, path: at }, index) => {
    const { resourceClaimName, resourceClaimTemplateName, requests } = entry;
    const made = entry["claimSpec"] ?? entry["claimCreationSpec"];
    const claim = `claim-${String(index)}`;
    if (isObject(made)) {
      const devices = listAt(made, "devices").map(
        (value, position) => claimFrom({ path: `${at}.devices[${String(position)}]`, value }, DEFAULT_CLASS).spec,
      );
      const all = devices.flatMap((device) => listAt(device, "devices", "requests"));
      templates.push({ name: `${name}-${claim}`, spec: { devices: { requests: all } } });
    }
    const source = isObject(made)
      ? { resourceClaimTemplateName: `${name}-${claim}` }
      : resourceClaimName === undefined
        ? { resourceClaimTemplateName }
        : { resourceClaimName };
    const named =
      Array.isArray(requests) && requests.length > 0 ? requests.map((request: unknown) => ({ name: claim, request })) : [{ name: claim }];
    return { podClaim: { name: claim, ...source }, uses: named };
  });
  return { entries, templates };
}

function podOf(spec: JsonObject, claims: ReturnType<typeof claimsOf>["entries"]): JsonObject {
  const { repository, tag, pullSecrets } = objectAt(spec, "image");
  const { nodeSelector, tolerations, affinity, schedulerName, runtimeClassName, priorityClassName, userID = USER_ID, groupID } = spec;
  const resources = { ...objectAt(spec, "resources"), ...(claims.length > 0 ? { claims: claims.flatMap(({ uses }) => uses) } : {}) };
  const main = { ...containerFieldsOf(spec), name: "nim", image: `${String(repository)}:${String(tag)}`, resources };
  const others = (key: string) =>
    listAt(spec, key).map((value) => {
      const container = containerFieldsOf(value);
      const image = objectAt(value, "image");
      return { ...container, image: `${textOf(image["repository"])}:${textOf(image["tag"])}` };
    });
  const set = { nodeSelector, tolerations, affinity, schedulerName, runtimeClassName, priorityClassName };
  return {
    ...Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined && value !== "")),
    securityContext: { seccompProfile: { type: "RuntimeDefault" }, runAsUser: userID, runAsGroup: groupID, fsGroup: groupID },
    ...(listAt({ pullSecrets }, "pullSecrets").length > 0
      ? { imagePullSecrets: listAt({ pullSecrets }, "pullSecrets").map((name) => ({ name })) }
      : {}),
    ...(claims.length > 0 ? { resourceClaims: claims.map(({ podClaim }) => podClaim) } : {}),
    initContainers: others("initContainers"),
    containers: [main, ...others("sidecarContainers")],
  };
}

/** A cache is filled by a Job of one pod. */
export const NIM_CACHE: ReadPods = ({ body }) => {
  const spec = objectAt(body, "spec");
  const { nodeSelector, tolerations, runtimeClassName, userID = USER_ID, groupID } = spec;
  const image = valueAt(spec, "source", "ngc", "modelPuller") ?? valueAt(spec, "source", "hf", "modelPuller") ?? "of-the-model-puller";
  const { cpu, memory } = objectAt(spec, "resources");
  const amounts = Object.fromEntries(Object.entries({ cpu, memory }).filter(([, value]) => value !== undefined));
  const pod = {
    ...Object.fromEntries(
      Object.entries({ nodeSelector, tolerations, runtimeClassName }).filter(([, value]) => value !== undefined && value !== ""),
    ),
    restartPolicy: "Never",
    securityContext: { runAsUser: userID, fsGroup: groupID, runAsNonRoot: true },
    containers: [
      {
        name: "nim-cache",
        image,
        resources: { requests: amounts, limits: amounts },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, runAsNonRoot: true },
      },
    ],
  };
  return { pods: [{ path: "spec", role: "job", spec: pod, count: 1, remedy: NO_FIELD }] };
};
