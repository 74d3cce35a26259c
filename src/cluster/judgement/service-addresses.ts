/** Addresses that Services ask for: the API server gives each once, and only those of the cluster's range. Source: `pkg/registry/core/service/ipallocator` of Kubernetes. */
import ipaddr from "ipaddr.js";
import { problem } from "../../dra/manifest/fields";
import { SERVICE_RANGES } from "../../well-known/service-ranges";
import { objectAt, placeOf } from "../objects";
import { valueAt } from "../../json/value-at";
import type { ClusterObject, JsonObject } from "../objects";
import type { ObjectProblem } from "./checks";
import { addressFault } from "./validation/names";

/** What EKS gives in every cluster, by the last numbers of the range: to the API server and to the DNS server. */
const TAKEN: ReadonlyMap<string, string> = new Map([
  ["0.1", "kubernetes"],
  ["0.10", "kube-dns"],
]);

/** Neither the first nor the last address of a range is given. */
const NEVER_GIVEN: readonly string[] = ["0.0", "255.255"];

export function serviceAddressProblems(objects: readonly ClusterObject[]): readonly ObjectProblem[] {
  const given = new Map<string, ClusterObject>();
  return objects
    .filter(({ kind, apiVersion, origin }) => kind === "Service" && apiVersion === "v1" && origin.type === "manifest")
    .flatMap((object) => {
      const families = familyProblems(objectAt(object.body, "spec")).map((message) => ({ object, message }));
      if (families.length > 0) {
        return families;
      }
      const address = valueAt(object.body, "spec", "clusterIP");
      if (typeof address !== "string" || address === "" || address === "None" || addressFault(address) !== undefined) {
        return [];
      }
      const fault = faultOf(address, given.get(address));
      given.set(address, given.get(address) ?? object);
      return fault === undefined
        ? []
        : [{ object, message: problem("spec.clusterIP", address, `${fault}. Leave it out, and use the name of the Service`) }];
    });
}

/**
 * The stack's cluster gives Services IPv4 addresses, which is EKS's default, and EKS gives no Service addresses of both families.
 * Source: `initIPFamilyFields` of `pkg/registry/core/service/storage/alloc.go`; Amazon EKS user guide, IPv6 addresses of clusters (2026-11).
 */
function familyProblems(spec: JsonObject): readonly string[] {
  const { type, clusterIP, ipFamilyPolicy, ipFamilies } = spec;
  const hasAddress = type !== "ExternalName" && !(clusterIP === "None" && Object.keys(objectAt(spec, "selector")).length === 0);
  if (!hasAddress) {
    return [];
  }
  return [
    ...(ipFamilyPolicy === "RequireDualStack"
      ? [
          problem(
            "spec.ipFamilyPolicy",
            ipFamilyPolicy,
            "EKS gives a Service addresses of one family. Write SingleStack or PreferDualStack",
          ),
        ]
      : []),
    ...(Array.isArray(ipFamilies) && ipFamilies.includes("IPv6")
      ? [problem("spec.ipFamilies", ipFamilies, "the cluster gives IPv4 addresses only. Leave it out")]
      : []),
  ];
}

/** Whether an address is in one of the ranges that EKS gives. */
export function isServiceAddress(address: string): boolean {
  return SERVICE_RANGES.some((cidr) => ipaddr.IPv4.isValid(address) && ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(cidr)));
}

function faultOf(address: string, other: ClusterObject | undefined): string | undefined {
  const last = address.split(".").slice(2).join(".");
  if (!isServiceAddress(address) || NEVER_GIVEN.includes(last)) {
    return `not an address that EKS gives to Services, which are those of ${SERVICE_RANGES.join(" or ")}`;
  }
  const owner = TAKEN.get(last) ?? (other && `${other.name} (${placeOf(other.origin)})`);
  return owner === undefined ? undefined : `the Service ${owner} has it`;
}
