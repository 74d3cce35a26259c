/** What happens to a request before anything is created for it (pulumi/pulumi pkg/resource/deploy/source_eval.go, RegisterResource). */
import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import { TransformResourceOptions } from "@pulumi/pulumi/proto/resource_pb";
import { inherit, inheritProviders, recordedOptions } from "./options";
import { dependenciesOf, upgraded, withDependencies } from "./output-values";
import type { AskedRequest, Request } from "./record";
import type { ResourceKind } from "./recording";
import type { Transforms } from "./transforms";
import { makeUrn } from "./urn";
import type { WireMap } from "./wire";

/** Kinds that group others, and that nothing is made for. */
export const COMPONENTS: readonly ResourceKind[] = ["stack", "component", "remoteComponent"];

export interface Settled {
  /** Its inputs are output values where they come from resources: plugins of remote components get them so. */
  readonly request: Request;
  /** The options with everything that those below may inherit. */
  readonly goal: TransformResourceOptions;
}

export class Goals {
  private readonly goals = new Map<string, TransformResourceOptions>();

  constructor(
    private readonly transforms: Transforms,
    private readonly place: { readonly stack: string; readonly project: string },
  ) {}

  /** Notes what those below a resource inherit from it. @param own its transforms. */
  keep(urn: string, parent: string, own: readonly Callback[], goal: TransformResourceOptions): void {
    this.goals.set(urn, goal);
    this.transforms.keep(urn, parent, own);
  }

  /**
   * What is inherited, what transforms make of it, and the dependencies that it ends with.
   * @param own the resource's own transforms: those of the request, but for a component that a plugin registers on the program's behalf.
   */
  async settle(asked: AskedRequest, own: readonly Callback[]): Promise<Settled> {
    const { type, name, parent, kind } = asked;
    const isComponent = COMPONENTS.includes(kind);
    const parentGoal = this.goals.get(parent) ?? new TransformResourceOptions();
    inherit(asked.options, parentGoal, type, !isComponent || kind === "remoteComponent");
    const transforms = this.transforms.of(parent, own);
    const hasOwn = asked.transforms.length > 0;
    const given = transforms.length > 0 ? (upgraded(asked.inputs) as WireMap) : asked.inputs;
    const { inputs, options } = await this.transforms.apply(transforms, {
      type,
      name,
      parent,
      custom: !isComponent,
      inputs: hasOwn ? withDependencies(given, asked.propertyDependencies) : given,
      options: asked.options,
    });
    if (isComponent) {
      inheritProviders(options, parentGoal);
    }
    // Of a resource with transforms of its own, the engine forgets what it was told of its dependencies, and asks the properties and the options.
    const before = hasOwn ? {} : asked.propertyDependencies;
    const dependsOn = (hasOwn ? options : asked.options).getDependsOnList();
    const propertyDependencies = Object.fromEntries(
      [...new Set([...Object.keys(before), ...Object.keys(inputs)])].map((key) => [
        key,
        [...new Set([...(before[key] ?? []), ...dependenciesOf(inputs[key])])],
      ]),
    );
    const request: Request = {
      type,
      name,
      parent,
      kind,
      inputs,
      provider: options.getProvider(),
      dependencies: [...new Set([...dependsOn, ...Object.values(propertyDependencies).flat()])],
      propertyDependencies,
      options: recordedOptions(options, (alias) => this.aliasUrn(alias, asked)),
    };
    return { request, goal: options };
  }

  /** The URN that an alias stands for. */
  private aliasUrn(alias: Alias, { parent, type, name }: AskedRequest): string {
    const spec = alias.getSpec();
    if (spec === undefined) {
      return alias.getUrn();
    }
    const { stack, project } = this.place;
    const aliasParent = spec.getNoparent() ? "" : spec.getParenturn() || parent;
    return makeUrn(spec.getStack() || stack, spec.getProject() || project, aliasParent, spec.getType() || type, spec.getName() || name);
  }
}
