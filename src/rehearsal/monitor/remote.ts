/** Remote components: what the engine asks of a plugin, and what the plugin registers on the program's behalf. */
import { TransformResourceOptions } from "@pulumi/pulumi/proto/resource_pb";
import { outputsOf, sentInputs } from "../stand-ins/component";
import type { Child, MakeChild } from "../stand-ins/component";
import { pluginOf } from "../stand-ins/plugins";
import type { Plugin } from "../stand-ins/plugins";
import type { Account } from "../stand-ins/account";
import type { Settled } from "./goals";
import { constructOptions } from "./options";
import { outputValue, serialized, withDependencies } from "./output-values";
import type { AskedRequest } from "./record";
import type { RecordedResource } from "./recording";
import { packageOf } from "./urn";
import { UNKNOWN, resourceReference } from "./wire";
import type { WireMap } from "./wire";

/** The engine, as a plugin sees it. */
export interface Engine {
  readonly account: Account;
  /** Zones of the region. */
  readonly zones: readonly string[];
  readonly isPreview: boolean;
  /** Registers the component itself: its own transforms and its parents' see it a second time. */
  place(asked: AskedRequest): Promise<RecordedResource>;
  register(child: AskedRequest, component: RecordedResource): Promise<RecordedResource>;
  /** Sets the outputs of a component. */
  complete(urn: string, outputs: WireMap): Promise<void>;
}

/**
 * Builds a remote component as its plugin does. @param settled what transforms made of the program's request.
 * @returns its URN, and its outputs with marks.
 * @throws Error for a component, or inputs of one, whose resources are unknown here.
 */
export async function constructRemote(
  asked: AskedRequest,
  { request, goal }: Settled,
  engine: Engine,
): Promise<{ readonly urn: string; readonly outputs: WireMap }> {
  const { type, name } = request;
  const plugin = pluginOf(type);
  const inputs = withDependencies(request.inputs, request.propertyDependencies);
  const component = await engine.place({
    ...asked,
    ...sentInputs(plugin.sendsInputs === true ? inputs : {}),
    options: constructOptions(goal, request.dependencies, plugin.passesHooks === true),
    transforms: [],
  });
  const make: MakeChild = (...child) => makeChild(component, plugin, engine, ...child);
  const outputs = await plugin.construct({ type, name, inputs }, engine.account, engine.zones, make);
  await engine.complete(component.urn, plugin.registersOutputs === true ? (serialized(outputs) as WireMap) : {});
  return { urn: component.urn, outputs };
}

async function makeChild(
  component: RecordedResource,
  plugin: Plugin,
  engine: Engine,
  ...[type, name, given, options = {}]: Parameters<MakeChild>
): Promise<Child> {
  const { parent, kind = "custom", dependsOn = [], ignoreChanges = [] } = options;
  const sent = sentInputs(kind === "component" && plugin.sendsInputs !== true ? {} : given);
  const dependencies = [...dependsOn.map(({ urn }) => urn), ...Object.values(sent.propertyDependencies).flat()];
  const {
    urn,
    id = "",
    wire,
  } = await engine.register(
    {
      type,
      name,
      kind,
      parent: parent?.urn ?? component.urn,
      ...sent,
      options: new TransformResourceOptions()
        .setVersion(plugin.versions[packageOf(type)] ?? "")
        .setDependsOnList([...new Set(dependencies)])
        .setIgnoreChangesList([...ignoreChanges]),
      transforms: [],
    },
    component,
  );
  return {
    urn,
    id: outputValue(id === "" ? UNKNOWN : id, [urn]),
    output: outputsOf(urn, wire.outputs, engine.isPreview),
    reference: resourceReference(urn, kind === "component" ? undefined : id),
    complete: (outputs) => engine.complete(urn, serialized(outputs) as WireMap),
  };
}
