/**
 * Resource transforms: functions of the program that change properties and options of resources before the engine looks at them. Those of a
 * resource come first, then those of its parents, the nearest first, then those of the stack (source_eval.go, RegisterResource). What a
 * remote component makes has the component among its parents.
 */
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import type { Callbacks } from "./callbacks";
import { toMap, toStruct } from "./service";
import type { WireMap } from "./wire";

/** What a transform may look at. */
export interface Transformed {
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  /** Whether a provider makes it, as opposed to a component. */
  readonly custom: boolean;
  /** Secrets, unknown values and what comes from other resources are output values. */
  readonly inputs: WireMap;
  readonly options: proto.TransformResourceOptions;
}

export class Transforms {
  private readonly ofStack: Callback[] = [];
  private readonly ofResources = new Map<string, { readonly own: readonly Callback[]; readonly parent: string }>();

  constructor(private readonly callbacks: Callbacks) {}

  /** Adds a transform for every resource that is registered from now on. */
  add(transform: Callback): void {
    this.ofStack.push(transform);
  }

  /** Notes the transforms of a resource, for what will be registered below it. */
  keep(urn: string, parent: string, own: readonly Callback[]): void {
    this.ofResources.set(urn, { own, parent });
  }

  /** The transforms of a resource, in their order. @param own its own. */
  of(parent: string, own: readonly Callback[]): readonly Callback[] {
    return [...own, ...this.ofParents(parent), ...this.ofStack];
  }

  /** Runs transforms, one on what the other made. @throws Error with the program's own words when one throws. */
  async apply(transforms: readonly Callback[], resource: Transformed): Promise<Pick<Transformed, "inputs" | "options">> {
    const { type, name, parent, custom } = resource;
    let { inputs, options } = resource;
    for (const transform of transforms) {
      const request = new proto.TransformRequest()
        .setType(type)
        .setName(name)
        .setCustom(custom)
        .setParent(parent)
        .setProperties(toStruct(inputs))
        .setOptions(options);
      const response = proto.TransformResponse.deserializeBinary(await this.callbacks.call(transform, request.serializeBinary()));
      inputs = response.hasProperties() ? toMap(response.getProperties()) : inputs;
      options = response.getOptions() ?? options;
    }
    return { inputs, options };
  }

  private *ofParents(parent: string): Iterable<Callback> {
    for (let current = this.ofResources.get(parent); current !== undefined; current = this.ofResources.get(current.parent)) {
      yield* current.own;
    }
  }
}
