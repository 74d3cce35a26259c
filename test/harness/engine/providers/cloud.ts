/** What exists: the account behind the stand-in providers. It outlives every run of the engine, and not the test. */
import type { WireMap, WireValue } from "../../../../src/rehearsal/monitor/wire";
import { typeOf } from "./urns";
import { isWireMap, unwrap } from "../../../../src/rehearsal/monitor/wire";

export interface Thing {
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  readonly urn: string;
  readonly id: string;
  /** With marks, as the engine sent them. */
  readonly inputs: WireMap;
  readonly outputs: WireMap;
}

/** Arguments that name other things without depending on them. */
const LOOSE: ReadonlySet<string> = new Set(["description", "labels", "tagSpecifications", "tags"]);

export class Cloud {
  private readonly things = new Map<string, Thing>();
  /** Everything that ever existed, so that what is gone can be told from what was never here. */
  private readonly everMade = new Set<string>();
  private readonly creations = new Map<string, number>();

  /** What exists now, in the order of creation. */
  get all(): readonly Thing[] {
    return [...this.things.values()];
  }

  find(urn: string, id: string): Thing | undefined {
    return this.things.get(keyOf(urn, id));
  }

  /** Whether it existed once and does no more. */
  isGone(urn: string, id: string): boolean {
    return this.everMade.has(keyOf(urn, id)) && !this.things.has(keyOf(urn, id));
  }

  /** Makes up ids: the URN the first time, and something else for every further thing of the same URN, which may exist beside the first. */
  seedFor(urn: string): string {
    const earlier = this.creations.get(urn) ?? 0;
    this.creations.set(urn, earlier + 1);
    return earlier === 0 ? urn : `${urn}#${earlier + 1}`;
  }

  put(thing: Thing): void {
    this.things.set(keyOf(thing.urn, thing.id), thing);
    this.everMade.add(keyOf(thing.urn, thing.id));
  }

  remove(urn: string, id: string): void {
    this.things.delete(keyOf(urn, id));
  }

  /** Removes something behind the engine's back. @throws Error when there is not exactly one of that type and name. */
  removeByHand(type: string, name: string): void {
    const { urn, id } = this.only(type, name);
    this.remove(urn, id);
  }

  /** Changes something behind the engine's back. @throws Error when there is not exactly one of that type and name. */
  changeByHand(type: string, name: string, properties: WireMap): void {
    const thing = this.only(type, name);
    this.put({ ...thing, inputs: { ...thing.inputs, ...properties }, outputs: { ...thing.outputs, ...properties } });
  }

  /** Things whose arguments name a thing by its id or ARN: it cannot go before they do. */
  usersOf(thing: Thing): readonly Thing[] {
    const names = new Set([thing.id, thing.outputs.arn].filter((name) => typeof name === "string"));
    const isUser = ({ inputs }: Thing) => Object.entries(inputs).some(([key, value]) => !LOOSE.has(key) && uses(value, names));
    return this.all.filter((other) => other !== thing && isUser(other));
  }

  private only(type: string, name: string): Thing {
    const [thing, ...others] = this.all.filter((candidate) => candidate.type === type && candidate.name === name);
    if (thing === undefined || others.length > 0) {
      throw new Error(`expected one ${type} ${name} in the cloud, found ${others.length + (thing === undefined ? 0 : 1)}`);
    }
    return thing;
  }
}

/** A thing keeps its type and id when its URN changes. Some types have no real ids: passwords are all called "none". */
function keyOf(urn: string, id: string): string {
  return id === "none" ? urn : `${typeOf(urn)} ${id}`;
}

function uses(value: WireValue, names: ReadonlySet<string>): boolean {
  return leaves(unwrap(value).value).some((text) => names.has(text));
}

/** Every text in a value without marks. */
export function leaves(value: WireValue): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: WireValue) => leaves(item));
  }
  if (isWireMap(value)) {
    return Object.values(value).flatMap(leaves);
  }
  return typeof value === "string" ? [value] : [];
}
