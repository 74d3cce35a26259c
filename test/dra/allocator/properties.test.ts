import fc from "fast-check";
import { schedulePods, Scheduler } from "../../../src/dra/allocator";
import type { ClaimSpec, ExactRequest, Request } from "../../../src/dra/claims";
import { requestedDevices } from "../../../src/dra/claims";
import type { Device } from "../../../src/dra/types";
import type { Scenario, ScenarioOptions } from "./scenarios";
import { claimOf, clusterOf, DRIVER, NODE, pod, scenarios, slice } from "./scenarios";
import { rulesWith } from "../../support/rules";

const ALL_FEATURES = rulesWith({ consumableCapacity: true, deviceTaints: true, distinctValues: true });
const EVERY_CONSTRAINT = ["matchAttribute", "distinctAttribute"] as const;
const PLAIN: ScenarioOptions = {
  maxDevices: 5,
  constraints: EVERY_CONSTRAINT,
  errors: false,
  taints: true,
  adminAccess: false,
  allAmongAlternatives: false,
};

/** One request's choice of devices. */
interface Pick {
  readonly request: Request;
  readonly reference: string;
  readonly devices: readonly Device[];
}

/** Every way to give a claim devices out of those that are free, by trying everything. */
function* waysToGive(spec: ClaimSpec, all: readonly Device[], free: readonly Device[]): Generator<readonly Device[]> {
  function* extend(index: number, picks: readonly Pick[]): Generator<readonly Device[]> {
    const request = spec.requests[index];
    const used = picks.flatMap(({ devices }) => devices);
    if (request === undefined) {
      if (used.length <= 32 && spec.constraints.every((constraint) => isSatisfied(constraint, picks))) {
        yield used;
      }
      return;
    }
    for (const { reference, exact } of requestedDevices(request)) {
      for (const devices of choices(
        exact,
        all,
        free.filter((device) => !used.includes(device)),
      )) {
        yield* extend(index + 1, [...picks, { request, reference, devices }]);
      }
    }
  }
  yield* extend(0, []);
}

function choices(exact: ExactRequest, all: readonly Device[], free: readonly Device[]): readonly (readonly Device[])[] {
  const usable = free.filter((device) => matches(exact, device) && isTolerated(exact, device));
  if (exact.allocationMode.type === "All") {
    const wanted = all.filter((device) => matches(exact, device));
    return wanted.length > 0 && wanted.every((device) => usable.includes(device)) ? [wanted] : [];
  }
  return subsets(usable, exact.allocationMode.count);
}

function matches({ selectors }: ExactRequest, { attributes }: Device): boolean {
  return selectors.every((expression) => expression.endsWith(`== "${attributes["profile"]?.string ?? ""}"`));
}

function isTolerated({ tolerations }: ExactRequest, { taints }: Device): boolean {
  return taints === undefined || tolerations.some(({ effect }) => effect !== "NoExecute");
}

function isSatisfied({ type, attribute, requests }: ClaimSpec["constraints"][number], picks: readonly Pick[]): boolean {
  const covered = picks.filter(
    ({ request, reference }) => requests.length === 0 || requests.includes(request.name) || requests.includes(reference),
  );
  const values = covered.flatMap(({ devices }) => devices.map(({ attributes }) => attributes[attribute.slice(DRIVER.length + 1)]?.string));
  const distinct = new Set(values).size;
  return !values.includes(undefined) && (type === "matchAttribute" ? distinct <= 1 : distinct === values.length);
}

function subsets<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  if (size === 0) {
    return [[]];
  }
  return items.flatMap((item, index) => subsets(items.slice(index + 1), size - 1).map((rest) => [item, ...rest]));
}

function canBePlaced({ devices, taken, claims }: Scenario): boolean {
  const specs = claims.map((manifest) => claimOf(manifest).spec);
  const fits = (index: number, free: readonly Device[]): boolean => {
    const spec = specs[index];
    if (spec === undefined) {
      return true;
    }
    for (const given of waysToGive(spec, devices, free)) {
      if (
        fits(
          index + 1,
          free.filter((device) => !given.includes(device)),
        )
      ) {
        return true;
      }
    }
    return false;
  };
  return fits(
    0,
    devices.filter(({ name }) => !taken.includes(name)),
  );
}

function isPlaced(scenario: Scenario): boolean {
  const { cluster, pod: asking } = clusterOf(scenario);
  return new Scheduler(cluster, ALL_FEATURES).schedule(asking).type === "placed";
}

describe("allocation", () => {
  // Two properties, since one over both would only sometimes come to enough that can be placed: about one scenario in eight.
  it("places what some choice of devices allows", () => {
    fc.assert(
      fc.property(scenarios(PLAIN).filter(canBePlaced), (scenario) => {
        expect(isPlaced(scenario)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("places nothing that no choice of devices allows", () => {
    fc.assert(
      fc.property(
        scenarios(PLAIN).filter((scenario) => !canBePlaced(scenario)),
        (scenario) => {
          expect(isPlaced(scenario)).toBe(false);
        },
      ),
      { numRuns: 250 },
    );
  });

  it("never places what no choice of devices allows, even where selectors fail", () => {
    fc.assert(
      fc.property(scenarios({ ...PLAIN, errors: true }), (scenario) => {
        expect(!isPlaced(scenario) || canBePlaced(scenario)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("gives the same yes or no for every order of devices", () => {
    const shuffled = scenarios({ ...PLAIN, maxDevices: 7, adminAccess: true }).chain((scenario) =>
      fc.tuple(fc.constant(scenario), fc.shuffledSubarray([...scenario.devices], { minLength: scenario.devices.length })),
    );
    fc.assert(
      fc.property(shuffled, ([scenario, devices]) => {
        expect(isPlaced({ ...scenario, devices })).toBe(isPlaced(scenario));
      }),
      { numRuns: 300 },
    );
  });

  it("of one request gives the same yes or no for every order of devices, even where its selector fails", () => {
    const shuffled = scenarios({ ...PLAIN, maxDevices: 7, errors: true })
      .filter(({ claims }) => claims.length === 1 && claims[0]?.spec.devices.requests.length === 1)
      .chain((scenario) =>
        fc.tuple(fc.constant(scenario), fc.shuffledSubarray([...scenario.devices], { minLength: scenario.devices.length })),
      );
    fc.assert(
      fc.property(shuffled, ([scenario, devices]) => {
        expect(isPlaced({ ...scenario, devices })).toBe(isPlaced(scenario));
      }),
      { numRuns: 150 },
    );
  });

  it("never gives a device to two claims, nor one that was taken, over several pods and nodes", () => {
    const many = fc.array(scenarios({ ...PLAIN, maxDevices: 6 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(many, (list) => {
        const nodes = ["node-a", "node-b"].map((name) => ({ ...NODE, metadata: { name } }));
        const [first] = list.map(clusterOf);
        const claims = list.flatMap((scenario, index) =>
          scenario.claims.map((manifest) => ({ ...claimOf(manifest), name: `${String(index)}-${manifest.metadata.name}` })),
        );
        const pods = list.map((scenario, index) =>
          pod(
            `pod-${String(index)}`,
            scenario.claims.map(({ metadata: { name } }) => ({ name, source: { type: "claim", claimName: `${String(index)}-${name}` } })),
          ),
        );
        const held = first?.cluster.claims.filter(({ allocation }) => allocation !== undefined) ?? [];
        const slices = nodes.map(({ metadata }, index) => slice(list[index]?.devices ?? [], metadata.name));
        const results = schedulePods(
          {
            ...{ nodes, slices, deviceClasses: first?.cluster.deviceClasses ?? [], claims: [...claims, ...held] },
            ...{ templates: [], namespaces: undefined, services: [], volumes: undefined, pods: [] },
          },
          pods,
          ALL_FEATURES,
        );
        const given = results.flatMap((result) =>
          result.type === "placed" ? result.claims.flatMap(({ devices }) => devices.map(({ pool, device }) => `${pool}/${device}`)) : [],
        );
        const before = held.flatMap(({ allocation }) => allocation?.devices.map(({ pool, device }) => `${pool}/${device}`) ?? []);
        expect(new Set([...given, ...before]).size).toBe(given.length + before.length);
      }),
      { numRuns: 100 },
    );
  });
});
