/** The purchase as an integer program: which nodes, and what each of their GPUs is divided into. */
import type { GpuModel } from "../../hardware/types";
import { nameOf } from "../ask/demand";
import type { DemandItem } from "../ask/demand";
import { IntegerProgram } from "./integer-program";
import type { Solver, Term } from "./integer-program";
import type { Offer } from "./offers";
import { served, usefulContents } from "./suppliers";
import type { GpuContents, Match } from "./suppliers";

export interface Purchase {
  readonly items: readonly DemandItem[];
  readonly offers: readonly Offer[];
  readonly match: Match;
  /** Without any, or with one, all nodes are in one zone. With more, the demand is served whichever of them fails. */
  readonly zones: readonly string[];
  /** Nodes of each instance type in use that serve nothing, until another one fails. */
  readonly spare: number;
}

/** Nodes of one instance type in one zone. */
export interface BoughtNodes {
  readonly offer: Offer;
  readonly zone: string | undefined;
  /** Without spare ones. */
  readonly count: number;
}

/** GPUs of one model in one zone that are divided alike. */
export interface DividedGpus {
  readonly model: GpuModel;
  readonly zone: string | undefined;
  readonly contents: GpuContents;
  readonly count: number;
}

/** What serves what is asked for. */
export interface Service {
  readonly wants: string;
  readonly model: GpuModel;
  readonly device: string;
  readonly count: number;
}

export type Bought =
  | {
      readonly type: "bought";
      readonly usdPerHour: number;
      /** No purchase costs less. */
      readonly bound: number;
      readonly proven: boolean;
      readonly nodes: readonly BoughtNodes[];
      readonly gpus: readonly DividedGpus[];
      /** While every zone works; of several zones, while the first one does not. */
      readonly services: readonly Service[];
    }
  | { readonly type: "impossible" }
  /** The time was over. */
  | { readonly type: "unknown" };

/** How long to look. */
export interface Limits {
  /** For the cheapest nodes. */
  readonly seconds: number;
  /** For few layouts on these nodes: fewer pools are nice, not needed. */
  readonly tidySeconds: number;
}

/** The cheapest purchase, and of its nodes' layouts the fewest that are found in time. */
export async function cheapest(purchase: Purchase, solve: Solver, { seconds, tidySeconds }: Limits): Promise<Bought> {
  const formulated = formulate(purchase);
  const solution = await solve(formulated.program, seconds);
  if (solution.type !== "solved") {
    return solution.type === "infeasible" ? { type: "impossible" } : solution;
  }
  const tidied = tidySeconds > 0 ? await solve(withFewLayouts(formulated, solution.values), tidySeconds) : undefined;
  const values = tidied?.type === "solved" ? tidied.values : solution.values;
  return {
    type: "bought",
    usdPerHour: solution.cost,
    bound: Math.min(solution.bound, solution.cost),
    proven: solution.proven,
    nodes: counted(formulated.nodes, values),
    gpus: counted(formulated.gpus, values),
    services: counted(formulated.services, values),
  };
}

interface Formulated {
  readonly program: IntegerProgram;
  readonly nodes: readonly Numbered<Omit<BoughtNodes, "count">>[];
  readonly gpus: readonly Numbered<Omit<DividedGpus, "count">>[];
  readonly services: readonly Numbered<Omit<Service, "count">>[];
}

type Numbered<T> = T & { readonly column: number };

function counted<T extends object>(things: readonly Numbered<T>[], values: readonly number[]): readonly (T & { readonly count: number })[] {
  return things.flatMap(({ column, ...thing }) => {
    const count = Math.round(values[column] ?? 0);
    return count > 0 ? [{ ...(thing as unknown as T), count }] : [];
  });
}

/** Which GPU of which node has which layout is left open: every node can have a pool of its own, so a model's GPUs in one zone are alike. */
function formulate({ items, offers: all, match, zones, spare }: Purchase): Formulated {
  const offers = all.filter((offer) => !all.some((other) => replaces(other, offer)));
  const program = new IntegerProgram();
  const places: readonly (string | undefined)[] = zones.length > 1 ? zones : [zones[0]];
  const models = [...new Set(offers.map(({ model }) => model))];

  const nodes = places.flatMap((zone) => offers.map((offer) => ({ offer, zone, column: program.add({ cost: offer.usdPerHour }) })));
  const gpus = places.flatMap((zone) =>
    models.flatMap((model) => usefulContents(model, items, match).map((contents) => ({ model, zone, contents, column: program.add({}) }))),
  );
  for (const zone of places) {
    for (const model of models) {
      program.atLeast(0, [
        ...nodes.filter((each) => each.zone === zone && each.offer.model === model).map((each) => term(each.column, each.offer.gpus)),
        ...gpus.filter((each) => each.zone === zone && each.model === model).map((each) => term(each.column, -1)),
      ]);
    }
  }

  const failures: readonly (string | undefined)[] = places.length > 1 ? places : [undefined];
  const services = failures.map((failed) =>
    serve(
      program,
      { items, models, match },
      gpus.filter(({ zone }) => failed === undefined || zone !== failed),
    ),
  );

  // Zones are alike. Without an order among them, the solver would try every exchange.
  for (let index = 1; index < places.length; index++) {
    program.atLeast(0, [
      ...nodes.filter(({ zone }) => zone === places[index - 1]).map(({ offer, column }) => term(column, offer.usdPerHour)),
      ...nodes.filter(({ zone }) => zone === places[index]).map(({ offer, column }) => term(column, -offer.usdPerHour)),
    ]);
  }
  if (spare > 0) {
    for (const offer of offers) {
      const used = program.add({ cost: offer.usdPerHour * spare, upper: 1 });
      const most = items.reduce((sum, { count }) => sum + count, 0) * places.length;
      program.atLeast(0, [term(used, most), ...nodes.filter((each) => each.offer === offer).map(({ column }) => term(column, -1))]);
    }
  }
  return { program, nodes, gpus, services: services[0] ?? [] };
}

/** Whether some nodes of one type have the same GPUs as a node of the other, and cost less. No cheapest purchase has the other, then. */
function replaces(smaller: Offer, larger: Offer): boolean {
  const nodes = larger.gpus / smaller.gpus;
  return smaller.model === larger.model && Number.isInteger(nodes) && nodes * smaller.usdPerHour < larger.usdPerHour;
}

/** Everything that is asked for gets a device of these GPUs. */
function serve(
  program: IntegerProgram,
  { items, models, match }: Pick<Purchase, "items" | "match"> & { readonly models: readonly GpuModel[] },
  gpus: Formulated["gpus"],
): Formulated["services"] {
  const services = items.flatMap(({ wanted }) =>
    models.flatMap((model) =>
      served(wanted, model, match).map((device) => ({
        wants: nameOf(wanted),
        model,
        device,
        column: program.add({}),
      })),
    ),
  );
  for (const { wanted, count } of items) {
    program.exactly(
      count,
      services.filter(({ wants }) => wants === nameOf(wanted)).map(({ column }) => term(column, 1)),
    );
  }
  for (const model of models) {
    for (const device of new Set(services.filter((each) => each.model === model).map((each) => each.device))) {
      program.atLeast(0, [
        ...gpus.filter((each) => each.model === model).map(({ contents, column }) => term(column, contents[device] ?? 0)),
        ...services.filter((each) => each.model === model && each.device === device).map(({ column }) => term(column, -1)),
      ]);
    }
  }
  return services;
}

/** The same nodes; what costs is now a layout. */
function withFewLayouts({ program, nodes, gpus }: Formulated, values: readonly number[]): IntegerProgram {
  const tidy = new IntegerProgram();
  const bought = new Set(nodes.map(({ column }) => column));
  program.columns.forEach((column, index) => {
    const value = values[index] ?? 0;
    tidy.add({ ...column, cost: 0, ...(bought.has(index) ? { lower: value, upper: value } : {}) });
  });
  tidy.rows.push(...program.rows);
  for (const { model, zone, column } of gpus) {
    const most = nodes
      .filter(({ offer, zone: of }) => of === zone && offer.model === model)
      .reduce((sum, { offer, column: of }) => sum + offer.gpus * (values[of] ?? 0), 0);
    tidy.atLeast(0, [term(tidy.add({ cost: 1, upper: 1 }), most), term(column, -1)]);
  }
  return tidy;
}

function term(column: number, factor: number): Term {
  return { column, factor };
}
