/** Claims and templates as objects of `resource.k8s.io/v1`, without the configuration that only the driver reads. */
import type { JsonObject } from "../../cluster/objects";
import type { Allocation, ClaimSpec, ExactRequest, Request, ResourceClaim, ResourceClaimTemplate } from "../../dra/claims";

const API_VERSION = "resource.k8s.io/v1";

/** @param madeFor the pod that it was made for. @param users the pods that it is reserved for. */
export function claimObject(
  { name, namespace, spec, allocation }: Pick<ResourceClaim, "name" | "namespace" | "spec" | "allocation">,
  madeFor: string | undefined,
  users: readonly string[],
): JsonObject {
  const owner = madeFor === undefined ? {} : { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: madeFor }] };
  return {
    apiVersion: API_VERSION,
    kind: "ResourceClaim",
    metadata: { name, namespace, ...owner },
    spec: specObject(spec),
    ...(allocation === undefined
      ? {}
      : {
          status: {
            allocation: allocationObject(allocation),
            ...(users.length === 0 ? {} : { reservedFor: users.map((user) => ({ resource: "pods", name: user })) }),
          },
        }),
  };
}

export function templateObject({ name, namespace, spec }: Pick<ResourceClaimTemplate, "name" | "namespace" | "spec">): JsonObject {
  return {
    apiVersion: API_VERSION,
    kind: "ResourceClaimTemplate",
    metadata: { name, namespace },
    spec: { spec: specObject(spec) },
  };
}

function specObject({ requests, constraints }: ClaimSpec): JsonObject {
  return {
    devices: {
      requests: requests.map(requestObject),
      ...(constraints.length === 0
        ? {}
        : {
            constraints: constraints.map(({ type, attribute, requests: of }) => ({
              [type]: attribute,
              ...(of.length === 0 ? {} : { requests: of }),
            })),
          }),
    },
  };
}

function requestObject(request: Request): JsonObject {
  return request.type === "exactly"
    ? {
        name: request.name,
        exactly: { ...wayObject(request.exactly), ...(request.exactly.adminAccess ? { adminAccess: true } : {}) },
      }
    : { name: request.name, firstAvailable: request.firstAvailable.map((way) => ({ name: way.name, ...wayObject(way) })) };
}

function wayObject({ deviceClassName, selectors, allocationMode, tolerations, capacityRequests }: ExactRequest): JsonObject {
  return {
    deviceClassName,
    ...(selectors.length === 0 ? {} : { selectors: selectors.map((expression) => ({ cel: { expression } })) }),
    ...(allocationMode.type === "All" ? { allocationMode: "All" } : allocationMode.count === 1 ? {} : { count: allocationMode.count }),
    ...(tolerations.length === 0
      ? {}
      : {
          tolerations: tolerations.map(({ key, operator, value, effect, tolerationSeconds }) => ({
            operator,
            ...(key === undefined ? {} : { key }),
            ...(value === "" ? {} : { value }),
            ...(effect === undefined ? {} : { effect }),
            ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
          })),
        }),
    ...(Object.keys(capacityRequests).length === 0 ? {} : { capacity: { requests: capacityRequests } }),
  };
}

function allocationObject({ devices, nodeName }: Allocation): JsonObject {
  return {
    devices: {
      results: devices.map(({ request, driver, pool, device, adminAccess }) => ({
        ...{ request, driver, pool, device },
        ...(adminAccess ? { adminAccess: true } : {}),
      })),
    },
    ...(nodeName === undefined
      ? {}
      : { nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [nodeName] }] }] } }),
  };
}
