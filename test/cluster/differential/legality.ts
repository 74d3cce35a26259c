/** Whether devices that kube-scheduler gave to a claim are what the claim asks for, by our reading of claims and selectors. */
import type { ClusterState } from "../../../src/dra/allocator";
import type { AllocatedDevice, ClaimSpec, Constraint, ExactRequest, Request, ResourceClaim } from "../../../src/dra/claims";
import { requestedDevices } from "../../../src/dra/claims";
import { compileSelector } from "../../../src/dra/selector/selector";
import type { Device, DeviceAttribute } from "../../../src/dra/types";
import { RULES } from "../../support/rules";

interface Published {
  readonly driver: string;
  readonly pool: string;
  readonly device: Device;
}

/**
 * The faults of the claims that a pod got, one sentence each.
 *
 * @param before the cluster before the pod was placed
 * @param given the claims that were allocated for it
 */
export function faultsOf(before: ClusterState, nodeName: string, given: readonly ResourceClaim[]): readonly string[] {
  const devices = devicesOn(before, nodeName);
  const taken = new Set(before.claims.flatMap(({ allocation }) => holdingsOf(allocation?.devices ?? [])));
  return given.flatMap((claim) => {
    const results = claim.allocation?.devices ?? [];
    const faults = faultsOfClaim(before, devices, claim.spec, results);
    const twice = holdingsOf(results).filter((id) => taken.has(id));
    holdingsOf(results).forEach((id) => taken.add(id));
    const elsewhere = claim.allocation?.nodeName === nodeName ? [] : [`is allocated on ${String(claim.allocation?.nodeName)}`];
    return [...faults, ...twice.map((id) => `${id} is taken`), ...elsewhere].map((fault) => `claim ${claim.name}: ${fault}`);
  });
}

function faultsOfClaim(
  { deviceClasses }: ClusterState,
  devices: readonly Published[],
  spec: ClaimSpec,
  results: readonly AllocatedDevice[],
): readonly string[] {
  const find = ({ driver, pool, device }: AllocatedDevice) =>
    devices.find((published) => published.driver === driver && published.pool === pool && published.device.name === device);
  const ids = results.map(idOf);
  return [
    ...results.filter((result) => find(result) === undefined).map((result) => `${idOf(result)} is no device of the node`),
    ...ids.filter((id, index) => ids.indexOf(id) < index).map((id) => `${id} is given twice`),
    ...spec.requests.flatMap((request) => faultsOfRequest(request)),
    ...spec.constraints
      .filter((constraint) => !isSatisfied(constraint))
      .map(({ type, attribute }) => `${type} ${attribute} is not satisfied`),
  ];

  function faultsOfRequest(request: Request): readonly string[] {
    const ways = requestedDevices(request).filter(({ reference }) => results.some((result) => result.request === reference));
    const [way] = ways;
    if (way === undefined || ways.length > 1) {
      return [`request ${request.name} is satisfied in ${String(ways.length)} ways`];
    }
    const own = results.filter((result) => result.request === way.reference);
    const { allocationMode } = way.exact;
    const wanted = allocationMode.type === "All" ? devices.filter((device) => matches(way.exact, device)).length : allocationMode.count;
    return [
      ...(own.length === wanted ? [] : [`${way.reference} has ${String(own.length)} devices instead of ${String(wanted)}`]),
      ...own.flatMap((result) => {
        const device = find(result);
        return device === undefined || matches(way.exact, device) ? [] : [`${idOf(result)} does not match ${way.reference}`];
      }),
      ...own.filter(({ adminAccess }) => adminAccess !== way.exact.adminAccess).map((result) => `${idOf(result)}: adminAccess`),
    ];
  }

  function matches({ deviceClassName, selectors }: ExactRequest, { driver, device }: Published): boolean {
    const deviceClass = deviceClasses.find(({ name }) => name === deviceClassName);
    return [...(deviceClass?.selectors ?? []), ...selectors].every((expression) => {
      const selector = compileSelector(expression, RULES);
      return selector.type === "selector" && selector.evaluate({ driver, ...device }).type === "match";
    });
  }

  function isSatisfied({ type, attribute, requests }: Constraint): boolean {
    const covered = results.filter(
      ({ request }) => requests.length === 0 || requests.includes(request) || requests.includes(request.split("/")[0] ?? ""),
    );
    const values = covered.map((result) => attributeOf(find(result), attribute));
    return !values.includes(undefined) && (type === "distinctAttribute" || new Set(values.map((value) => JSON.stringify(value))).size <= 1);
  }
}

function devicesOn({ slices }: ClusterState, nodeName: string): readonly Published[] {
  const own = slices.filter(({ spec }) => spec.nodeName === nodeName);
  return own
    .filter(({ spec }) => own.every((other) => !isSamePool(spec, other.spec) || other.spec.pool.generation <= spec.pool.generation))
    .flatMap(({ spec }) => spec.devices.map((device) => ({ driver: spec.driver, pool: spec.pool.name, device })));
}

type SliceSpec = ClusterState["slices"][number]["spec"];

function isSamePool(one: SliceSpec, other: SliceSpec): boolean {
  return one.driver === other.driver && one.pool.name === other.pool.name;
}

function attributeOf(published: Published | undefined, attribute: string): DeviceAttribute | undefined {
  const [domain, id = ""] = attribute.split("/");
  const attributes = published?.device.attributes ?? {};
  return attributes[attribute] ?? (domain === published?.driver ? attributes[id] : undefined);
}

function holdingsOf(results: readonly AllocatedDevice[]): readonly string[] {
  return results.filter(({ adminAccess }) => !adminAccess).map(idOf);
}

function idOf({ driver, pool, device }: AllocatedDevice): string {
  return `${driver}/${pool}/${device}`;
}
