/** Registers a remote component and its children at the engine's resource monitor, as the component's own plugin does from its process. */
import * as grpc from "@grpc/grpc-js";
import { ResourceMonitorClient } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as monitor from "@pulumi/pulumi/proto/resource_pb";
import type * as proto from "@pulumi/pulumi/proto/provider_pb";
import { outputValue, serialized, upgraded, withDependencies } from "../../../../../src/rehearsal/monitor/output-values";
import { toMap, toStruct } from "../../../../../src/rehearsal/monitor/service";
import { packageOf, urnOfProvider } from "../../../../../src/rehearsal/monitor/urn";
import { UNKNOWN, resourceReference } from "../../../../../src/rehearsal/monitor/wire";
import type { WireMap } from "../../../../../src/rehearsal/monitor/wire";
import { outputsOf, sentInputs } from "../../../../../src/rehearsal/stand-ins/component";
import type { Child, MakeChild } from "../../../../../src/rehearsal/stand-ins/component";
import type { Plugin } from "../../../../../src/rehearsal/stand-ins/plugins";

export class Construction {
  private readonly client: ResourceMonitorClient;
  /** What the program gave, with marks: output values where it comes from resources. */
  readonly inputs: WireMap;
  /** URN of the component, once it is registered. */
  private urn = "";

  constructor(
    private readonly request: proto.ConstructRequest,
    private readonly plugin: Plugin,
  ) {
    this.client = new ResourceMonitorClient(request.getMonitorendpoint(), grpc.credentials.createInsecure());
    const dependencies = request.getInputdependenciesMap();
    this.inputs = withDependencies(
      upgraded(toMap(request.getInputs())) as WireMap,
      Object.fromEntries(dependencies.toArray().map(([name]) => [name, dependencies.get(name)?.getUrnsList() ?? []])),
    );
  }

  /** Registers the component itself, with the options that Pulumi's SDK hands on (provider/server.js, construct). @returns its URN. */
  async registerComponent(): Promise<string> {
    const { request, plugin } = this;
    const message = new monitor.RegisterResourceRequest()
      .setType(request.getType())
      .setName(request.getName())
      .setParent(request.getParent())
      .setDependenciesList([...request.getDependenciesList()])
      .setAliasesList(request.getAliasesList())
      .setAliasspecs(true)
      // The SDK takes it for the reference to a provider and cuts off what it takes for an id.
      .setDeletedwith(urnOfProvider(request.getDeletedwith()))
      .setIgnorechangesList(request.getIgnorechangesList())
      .setReplaceonchangesList(request.getReplaceonchangesList());
    const timeouts = request.getCustomtimeouts();
    if (timeouts !== undefined) {
      const { CustomTimeouts } = monitor.RegisterResourceRequest;
      message.setCustomtimeouts(
        new CustomTimeouts().setCreate(timeouts.getCreate()).setUpdate(timeouts.getUpdate()).setDelete(timeouts.getDelete()),
      );
    }
    if (request.hasProtect()) {
      message.setProtect(request.getProtect() === true);
    }
    if (request.hasRetainondelete()) {
      message.setRetainondelete(request.getRetainondelete() === true);
    }
    for (const [name, reference] of request.getProvidersMap().entries()) {
      message.getProvidersMap().set(name, reference);
    }
    this.urn = (await this.register(message, plugin.sendsInputs === true ? this.inputs : {})).getUrn();
    return this.urn;
  }

  readonly make: MakeChild = async (
    type,
    name,
    inputs,
    { parent, kind = "custom", dependsOn = [], ignoreChanges = [] } = {},
  ): Promise<Child> => {
    const isCustom = kind !== "component";
    const message = new monitor.RegisterResourceRequest()
      .setType(type)
      .setName(name)
      .setParent(parent?.urn ?? this.urn)
      .setCustom(isCustom)
      .setAliasspecs(true)
      .setDependenciesList(dependsOn.map(({ urn }) => urn))
      .setIgnorechangesList([...ignoreChanges])
      .setVersion(this.plugin.versions[packageOf(type)] ?? "")
      .setProvider(kind === "custom" ? (this.request.getProvidersMap().get(packageOf(type)) ?? "") : "");
    const response = await this.register(message, isCustom || this.plugin.sendsInputs === true ? inputs : {});
    const urn = response.getUrn();
    const id = response.getId();
    return {
      urn,
      id: outputValue(id === "" ? UNKNOWN : id, [urn]),
      output: outputsOf(urn, toMap(response.getObject()), this.request.getDryrun()),
      reference: resourceReference(urn, isCustom ? id : undefined),
      complete: (outputs) => this.complete(urn, outputs),
    };
  };

  /** Tells the engine what the component hands out. */
  finish(outputs: WireMap): Promise<void> {
    return this.complete(this.urn, this.plugin.registersOutputs === true ? outputs : {});
  }

  close(): void {
    this.client.close();
  }

  private async complete(urn: string, outputs: WireMap): Promise<void> {
    const message = new monitor.RegisterResourceOutputsRequest().setUrn(urn).setOutputs(toStruct(serialized(outputs) as WireMap));
    await new Promise<void>((resolve, reject) => {
      this.client.registerResourceOutputs(message, (error) => {
        if (error === null) {
          resolve();
        } else {
          reject(new Error(error.details));
        }
      });
    });
  }

  private register(message: monitor.RegisterResourceRequest, given: Parameters<MakeChild>[2]): Promise<monitor.RegisterResourceResponse> {
    const { inputs, propertyDependencies } = sentInputs(given);
    message.setObject(toStruct(inputs)).setAcceptsecrets(true).setAcceptresources(true).setSupportspartialvalues(true);
    for (const [property, urns] of Object.entries(propertyDependencies)) {
      message.getPropertydependenciesMap().set(property, new monitor.RegisterResourceRequest.PropertyDependencies().setUrnsList([...urns]));
    }
    message.setDependenciesList([...new Set([...message.getDependenciesList(), ...Object.values(propertyDependencies).flat()])]);
    return new Promise((resolve, reject) => {
      this.client.registerResource(message, (error, response) => {
        if (error === null) {
          resolve(response);
        } else {
          reject(new Error(error.details));
        }
      });
    });
  }
}
