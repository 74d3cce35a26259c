/**
 * Registers the children of a remote component at the engine's resource monitor, as the component's own plugin does from its
 * process. The plugin's SDK tracks what depends on what; here a child depends on everything whose id, ARN or other
 * unmistakable output stands in its arguments.
 */
import * as grpc from "@grpc/grpc-js";
import { ResourceMonitorClient } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as monitor from "@pulumi/pulumi/proto/resource_pb";
import type * as proto from "@pulumi/pulumi/proto/provider_pb";
import { toMap, toStruct } from "../../../src/rehearsal/monitor/service";
import { packageOf } from "../../../src/rehearsal/monitor/urn";
import { UNKNOWN, resourceReference, unwrap } from "../../../src/rehearsal/monitor/wire";
import type { WireMap, WireValue } from "../../../src/rehearsal/monitor/wire";
import type { Child, MakeChild } from "../../../src/rehearsal/outputs/component";
import { leaves } from "./cloud";
import { computedIn } from "./properties";

/** Shorter outputs, such as a status or the account's number, name nothing. */
const UNMISTAKABLE = 16;

export class Construction {
  private readonly client: ResourceMonitorClient;
  /** What stands for which resource: ids and other outputs to URNs. */
  private readonly owners = new Map<string, readonly string[]>();
  /** URN of the component, once it is registered. */
  private urn = "";

  /** @param versions of the provider plugins that the component's plugin brings along, by package. */
  constructor(
    private readonly request: proto.ConstructRequest,
    private readonly versions: Readonly<Record<string, string>>,
  ) {
    this.client = new ResourceMonitorClient(request.getMonitorendpoint(), grpc.credentials.createInsecure());
    const inputs = toMap(request.getInputs());
    for (const [property, dependencies] of request.getInputdependenciesMap().entries()) {
      this.own(leaves(unwrap(inputs[property] ?? null).value), dependencies.getUrnsList());
    }
  }

  /** Registers the component itself. @returns its URN. */
  async registerComponent(): Promise<string> {
    const { request } = this;
    const message = new monitor.RegisterResourceRequest()
      .setType(request.getType())
      .setName(request.getName())
      .setParent(request.getParent())
      .setDependenciesList([...request.getDependenciesList()])
      .setAliasesList(request.getAliasesList())
      .setAliasspecs(true)
      .setDeletedwith(request.getDeletedwith())
      .setAdditionalsecretoutputsList(request.getAdditionalsecretoutputsList())
      .setIgnorechangesList(request.getIgnorechangesList())
      .setReplaceonchangesList(request.getReplaceonchangesList());
    if (request.hasProtect()) {
      message.setProtect(request.getProtect() === true);
    }
    if (request.hasRetainondelete()) {
      message.setRetainondelete(request.getRetainondelete() === true);
    }
    for (const [name, reference] of request.getProvidersMap().entries()) {
      message.getProvidersMap().set(name, reference);
    }
    this.urn = (await this.register(message, toMap(request.getInputs()))).getUrn();
    return this.urn;
  }

  readonly make: MakeChild = async (type, name, inputs, parent, kind = "custom"): Promise<Child> => {
    const isCustom = kind !== "component";
    const message = new monitor.RegisterResourceRequest()
      .setType(type)
      .setName(name)
      .setParent(parent?.urn ?? this.urn)
      .setCustom(isCustom)
      .setVersion(this.versions[packageOf(type)] ?? "")
      .setProvider(kind === "custom" ? (this.request.getProvidersMap().get(packageOf(type)) ?? "") : "");
    const response = await this.register(message, inputs);
    const urn = response.getUrn();
    const outputs = { ...inputs, ...toMap(response.getObject()) };
    const id = isCustom && response.getId() === "" ? UNKNOWN : response.getId();
    const computed = leaves(unwrap(computedIn(outputs, inputs)).value);
    this.own([id, ...computed.filter((text) => text.length >= UNMISTAKABLE)], [urn]);
    return { urn, id, outputs, reference: resourceReference(urn, isCustom ? response.getId() : undefined) };
  };

  /** Tells the engine what the component hands out. */
  async finish(outputs: WireMap): Promise<void> {
    const message = new monitor.RegisterResourceOutputsRequest().setUrn(this.urn).setOutputs(toStruct(outputs));
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

  close(): void {
    this.client.close();
  }

  /** URNs of everything that a value comes from. */
  dependenciesOf(value: WireValue): readonly string[] {
    const texts = leaves(unwrap(value).value);
    const found = [...this.owners].filter(([name]) => texts.some((text) => text.includes(name))).flatMap(([, urns]) => urns);
    return [...new Set(found)];
  }

  private register(message: monitor.RegisterResourceRequest, inputs: WireMap): Promise<monitor.RegisterResourceResponse> {
    message.setObject(toStruct(inputs)).setAcceptsecrets(true).setAcceptresources(true).setSupportspartialvalues(true);
    for (const [property, value] of Object.entries(inputs)) {
      const urns = this.dependenciesOf(value);
      message.getPropertydependenciesMap().set(property, new monitor.RegisterResourceRequest.PropertyDependencies().setUrnsList([...urns]));
      urns.forEach((urn) => message.addDependencies(urn));
    }
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

  private own(names: readonly string[], urns: readonly string[]): void {
    for (const name of names) {
      if (name !== UNKNOWN && name !== "") {
        this.owners.set(name, [...new Set([...(this.owners.get(name) ?? []), ...urns])]);
      }
    }
  }
}
