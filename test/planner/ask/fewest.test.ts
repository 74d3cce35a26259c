/** Ways out against all sets of changes: no set of one or two changes that cost nothing helps where the planner prints a way with more, or with a price. */
import fc from "fast-check";
import type { JsonObject } from "../../../src/cluster/objects";
import { maximalLayouts } from "../../../src/hardware/placement";
import { afterAll, describeAction } from "../../../src/planner/ask/actions";
import type { Action, FreeGpu } from "../../../src/planner/ask/actions";
import { parseDemand } from "../../../src/planner/ask/demand";
import { bestTrial } from "../../../src/planner/ask/orders";
import { askedPods } from "../../../src/planner/ask/pods";
import { waysOut } from "../../../src/planner/ask/ways";
import type { PlannedCluster } from "../../../src/planner/state/cluster";
import { gpuDevices, gpuIndexOf } from "../../../src/planner/state/devices";
import { SEED } from "../../support/seeds/seed";
import { claim, clusterOf, devicesOf, gpuNode, pod, using } from "../clusters";

const [SMALL, LARGE] = ["mig-small.nvidia.com", "mig-large.nvidia.com"] as const;
const PROFILES = ["1g.10gb", "2g.20gb", "3g.40gb"] as const;

interface State {
  readonly nodes: readonly {
    readonly layout: string;
    readonly cordoned: boolean;
    readonly holders: readonly ("none" | "idle" | "used")[];
  }[];
  /** Pods that wait for a large slice. */
  readonly waiting: number;
  readonly demand: string;
}

const STATES: fc.Arbitrary<State> = fc.record({
  nodes: fc.array(
    fc.record({
      layout: fc.constantFrom("all-balanced", "all-3g.40gb", "all-2g.20gb"),
      cordoned: fc.constantFrom(false, false, true),
      holders: fc.array(fc.constantFrom("none" as const, "idle" as const, "used" as const, "used" as const), {
        minLength: 4,
        maxLength: 4,
      }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  waiting: fc.nat({ max: 1 }),
  demand: fc.constantFrom("3g.40gb", "2x3g.40gb", "2g.20gb,3g.40gb", "2x1g.10gb", "2x2g.20gb", "3x1g.10gb"),
});

function clusterIn({ nodes, waiting }: State): PlannedCluster {
  const objects = nodes.flatMap(({ layout, cordoned, holders }, number): readonly JsonObject[] => {
    const name = `node-${String(number)}`;
    const node = gpuNode(name, { instanceType: "p5.4xlarge", pool: "h100", layout, spec: cordoned ? { unschedulable: true } : {} });
    const devices = PROFILES.flatMap((profile) => devicesOf(node, profile));
    const held = devices.flatMap((device, index): JsonObject[] => {
      const holder = holders[index % holders.length];
      const users = holder === "used" ? [`user-${String(index)}`] : [];
      return holder === "none" ? [] : [claim("other", `${name}-${String(index)}`, SMALL, { held: device, users })];
    });
    return [...node, ...held];
  });
  const pending = Array.from({ length: waiting }, (_, index) => [
    claim("other", `waits-${String(index)}`, LARGE),
    pod("other", `next-${String(index)}`, using({ resourceClaimName: `waits-${String(index)}` })),
  ]).flat();
  return clusterOf([...objects, ...pending]);
}

/** Every change that costs nothing: written down apart from the planner's own list of them. */
function changesOf(cluster: PlannedCluster): readonly Action[] {
  const devices = gpuDevices(cluster);
  const idle = devices.flatMap(({ holder, node }): Action[] => {
    const { namespace = "", name = "" } = holder?.claim ?? {};
    return holder === undefined || holder.users.length > 0 ? [] : [{ type: "deleteClaim", namespace, name, node, holds: 1 }];
  });
  const cordoned = cluster.state.nodes.flatMap(({ metadata, spec }): Action[] =>
    spec?.unschedulable === true ? [{ type: "uncordon", node: metadata.name }] : [],
  );
  const free = [...new Set(devices.map(({ gpu }) => gpu))].flatMap((gpu): Action[] => {
    const own = devices.filter((device) => device.gpu === gpu);
    const { node = "", model, name = "" } = own[0] ?? {};
    if (model === undefined || own.some(({ holder }) => holder !== undefined)) {
      return [];
    }
    const known: FreeGpu = { node, index: gpuIndexOf(name) ?? 0, model, devices: own.map((device) => device.name), layout: "" };
    return maximalLayouts(model).map(({ placements }) => ({ type: "relayout", node, gpu: known, placements }));
  });
  return [...idle, ...cordoned, ...free];
}

test("no one or two changes without a price do what the first way out does with more", () => {
  let compared = 0;
  fc.assert(
    fc.property(STATES, (state) => {
      const cluster = clusterIn(state);
      const reading = parseDemand(state.demand);
      const asked = askedPods(cluster, reading.type === "demand" ? reading.items : [], "default", "separate");
      const { outcome } = bestTrial(cluster, asked);
      if (outcome.refused.length === 0) {
        return;
      }
      compared++;
      const fits = (actions: readonly Action[]) => {
        const then = bestTrial(afterAll(cluster, actions), asked);
        return then.outcome.refused.length === 0 && !then.pinned;
      };
      const [first] = waysOut(cluster, asked, outcome);
      const size = first?.usdPerHour === 0 ? first.actions.length : 3;
      const changes = changesOf(cluster);
      const better = [
        ...changes.map((change) => [change]),
        ...changes.flatMap((one, index) =>
          changes
            .slice(index + 1)
            .filter((other) => one.type !== "relayout" || other.type !== "relayout" || one.node !== other.node)
            .map((other) => [one, other]),
        ),
      ].find((actions) => actions.length < size && fits(actions));
      expect(better?.map(describeAction)).toBeUndefined();
    }),
    { seed: SEED, numRuns: 20 },
  );
  expect(compared).toBeGreaterThan(5);
});
