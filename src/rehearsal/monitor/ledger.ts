/** The state behind the monitor: every resource registered so far, and what a provider would have answered. */
import { TransformResourceOptions } from "@pulumi/pulumi/proto/resource_pb";
import { answerInvoke, zonesOf } from "../outputs/invokes";
import type { Offers } from "../outputs/invokes";
import { pluginOf } from "../outputs/plugins";
import type { Plugin } from "../outputs/plugins";
import { checkedByAws, versionedProvider } from "../outputs/checked";
import { outputsOf, sentInputs, sourcesOf } from "../outputs/component";
import type { Child, MakeChild } from "../outputs/component";
import { kubeconfigOf } from "../outputs/eks-kubeconfig";
import { createdOutputs, previewedOutputs } from "../outputs/outputs";
import type { World } from "../outputs/world";
import { Callbacks } from "./callbacks";
import { COMPONENTS, Goals } from "./goals";
import { Hooks } from "./hooks";
import { constructOptions } from "./options";
import { apply, downgraded, outputValue, serialized, withDependencies } from "./output-values";
import { NO_OPTIONS, newRecord, withOutputs } from "./record";
import type { AskedRequest, Request } from "./record";
import type { LogMessage, Mode, PlainMap, RecordedInvoke, RecordedResource, Recording, ResourceKind } from "./recording";
import { makeUrn, packageOf, urnOfProvider } from "./urn";
import { Transforms } from "./transforms";
import { UNKNOWN, asMap, resourceReference, unwrap, withSecrets } from "./wire";
import type { WireMap } from "./wire";

export interface LedgerOptions {
  readonly project: string;
  readonly stack: string;
  readonly mode: Mode;
  readonly world: World;
  readonly offers: Offers;
  /** The stack's settings, for the default providers: `aws:region`, ... */
  readonly config: Readonly<Record<string, string>>;
}

/** Kinds that a provider makes, so that they have an id and a provider of their own. */
const MANAGED: readonly ResourceKind[] = ["custom", "read"];

export class Ledger {
  private readonly resources = new Map<string, RecordedResource>();
  private readonly invokes: RecordedInvoke[] = [];
  private readonly logs: LogMessage[] = [];
  private readonly failures: string[] = [];
  /** Of remote components: what each output comes from. */
  private readonly sources = new Map<string, Readonly<Record<string, readonly string[]>>>();
  private readonly callbacks = new Callbacks();
  readonly transforms = new Transforms(this.callbacks);
  readonly hooks: Hooks;
  private readonly goals: Goals;

  constructor(private readonly options: LedgerOptions) {
    this.goals = new Goals(this.transforms, options);
    this.hooks = new Hooks(this.callbacks, options.mode, (message, urn) => {
      this.log({ severity: "warning", message, urn });
    });
  }

  close(): void {
    this.callbacks.close();
  }

  /**
   * Registers a resource and answers for its provider.
   * @throws Error when the URN exists already, as the engine does, for what the rehearsal knows nothing about, and when a transform or a hook fails.
   */
  async register(asked: AskedRequest): Promise<RecordedResource> {
    const { request, goal } = await this.goals.settle(asked, asked.transforms);
    if (request.kind === "remoteComponent") {
      return this.construct(asked, request, goal);
    }
    const place = this.take(request);
    this.goals.keep(place.urn, asked, goal);
    await this.hooks.run("beforeCreate", place);
    const made = this.make(place);
    // Those of components come with their outputs.
    if (!COMPONENTS.includes(made.kind)) {
      await this.runLateHooks(made);
    }
    return made;
  }

  /** Takes a resource's place, before anything is made below it: parents come before their children. */
  private take(request: Request): RecordedResource {
    const urn = this.urn(request.parent, request.type, request.name);
    if (this.resources.has(urn)) {
      throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    }
    const provider = MANAGED.includes(request.kind) ? this.providerOf(request) : request.provider;
    const place = newRecord({ ...request, inputs: this.checked(request, urn, provider) }, urn, provider);
    this.resources.set(urn, place);
    return place;
  }

  /** The inputs with what the engine and the provider fill in. */
  private checked({ type, name, kind, inputs, options }: Request, urn: string, provider: string): WireMap {
    const plain = downgraded(inputs) as WireMap;
    if (kind === "provider") {
      return versionedProvider(plain, options.version);
    }
    return kind === "custom" && packageOf(type) === "aws" ? checkedByAws({ urn, type, name }, plain, this.worldOf(provider).region) : plain;
  }

  /** Answers for the provider of a resource. */
  private make(place: RecordedResource): RecordedResource {
    if (COMPONENTS.includes(place.kind)) {
      return place;
    }
    const { id, outputs } = this.create(place);
    return this.update(place.urn, { id, wireOutputs: outputs });
  }

  /** A resource that exists outside the stack. */
  read(request: Request, id: string): RecordedResource {
    const read = this.make(this.take({ ...request, kind: "read" }));
    return this.update(read.urn, { id });
  }

  /** Sets the outputs of a component, or of the stack. */
  async complete(urn: string, outputs: WireMap): Promise<void> {
    await this.runLateHooks(this.update(urn, { wireOutputs: outputs }));
  }

  /** What exists already stays when a hook fails afterwards, and the program goes on: the run as a whole has failed (step.go, CreateStep.Apply). */
  private async runLateHooks(resource: RecordedResource): Promise<void> {
    try {
      await this.hooks.run("afterCreate", resource);
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** The URNs that an output of a remote component comes from. */
  sourcesOf(urn: string, output: string): readonly string[] {
    return this.sources.get(urn)?.[output] ?? [];
  }

  /** Answers a data source. @throws Error for one that the rehearsal cannot answer. */
  invoke(token: string, args: WireMap, provider: string): WireMap {
    const plain = unwrap(args).value as PlainMap;
    const result =
      token === "pulumi:pulumi:getResource"
        ? this.getResource(String(plain.urn))
        : answerInvoke(token, plain, this.worldOf(provider), this.options.offers);
    this.invokes.push({ token, args: plain, result });
    return result as WireMap;
  }

  /** Answers a method of a component. @throws Error for one that the rehearsal cannot answer. */
  call(token: string, args: WireMap): WireMap {
    if (token !== "eks:index:Cluster/getKubeconfig") {
      throw new Error(`the rehearsal has no answer for the method ${token}: add one to src/rehearsal/monitor/ledger.ts`);
    }
    const self = this.resources.get(String(asMap(args.__self__).urn));
    const cluster = [...this.resources.values()].find(
      (resource) => resource.parent === self?.urn && resource.type === "aws:eks/cluster:Cluster",
    );
    const output = outputsOf(cluster?.urn ?? "", cluster?.wire.outputs ?? {}, this.options.mode === "preview");
    return { result: serialized(apply([kubeconfigOf(output, args.roleArn)], (kubeconfig) => JSON.stringify(kubeconfig)) ?? null) };
  }

  log(message: LogMessage): void {
    this.logs.push(message);
  }

  /** Notes why the program failed. */
  fail(message: string): void {
    if (!this.failures.includes(message)) {
      this.failures.push(message);
    }
  }

  recording(): Recording {
    const resources = [...this.resources.values()];
    const stack = resources.find((resource) => resource.kind === "stack");
    const logged = this.logs.filter((entry) => entry.severity === "error").map((entry) => entry.message);
    return {
      project: this.options.project,
      stack: this.options.stack,
      mode: this.options.mode,
      resources,
      invokes: this.invokes,
      logs: this.logs,
      outputs: stack?.outputs ?? {},
      secretOutputs: stack?.secretOutputs ?? [],
      errors: [...new Set([...this.failures, ...logged])],
    };
  }

  private urn(parent: string, type: string, name: string): string {
    return makeUrn(this.options.stack, this.options.project, parent, type, name);
  }

  /** What the provider of a resource would answer. */
  private create(resource: RecordedResource): { readonly id: string; readonly outputs: WireMap } {
    const { options, wire } = resource;
    if (this.options.mode === "preview") {
      return { id: "", outputs: { ...wire.inputs, ...previewedOutputs(resource) } };
    }
    const created = createdOutputs(resource, this.worldOf(resource.provider));
    return { id: created.id, outputs: withSecrets({ ...wire.inputs, ...created.outputs }, options.additionalSecretOutputs) };
  }

  /** Builds a remote component as its plugin does, which registers the component first: parents' and own transforms see it a second time. */
  private async construct(asked: AskedRequest, request: Request, goal: TransformResourceOptions): Promise<RecordedResource> {
    const { world, offers } = this.options;
    const plugin = pluginOf(request.type);
    const inputs = withDependencies(request.inputs, request.propertyDependencies);
    const again = await this.goals.settle(
      {
        ...asked,
        ...sentInputs(plugin.sendsInputs === true ? inputs : {}),
        options: constructOptions(goal, request.dependencies, plugin.passesHooks === true),
        transforms: [],
      },
      asked.transforms,
    );
    const component = this.take(again.request);
    this.goals.keep(component.urn, asked, again.goal);
    await this.hooks.run("beforeCreate", component);
    const outputs = await plugin.construct({ type: request.type, name: request.name, inputs }, world, zonesOf(world, offers), (...child) =>
      this.makeChild(component, plugin, ...child),
    );
    this.sources.set(component.urn, Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, sourcesOf(value)])));
    const plain = serialized(outputs) as WireMap;
    await this.complete(component.urn, plugin.registersOutputs === true ? plain : {});
    const made = this.resources.get(component.urn) ?? component;
    return { ...made, wire: { ...made.wire, outputs: plain } };
  }

  private async makeChild(
    component: RecordedResource,
    plugin: Plugin,
    ...[type, name, given, options = {}]: Parameters<MakeChild>
  ): Promise<Child> {
    const { parent, kind = "custom", dependsOn = [], ignoreChanges = [] } = options;
    const sent = sentInputs(kind === "component" && plugin.sendsInputs !== true ? {} : given);
    const dependencies = [...dependsOn.map(({ urn }) => urn), ...Object.values(sent.propertyDependencies).flat()];
    const child = await this.register({
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
    });
    this.resources.set(child.urn, { ...child, madeBy: component.type });
    const id = child.id ?? "";
    return {
      urn: child.urn,
      id: outputValue(id === "" ? UNKNOWN : id, [child.urn]),
      output: outputsOf(child.urn, child.wire.outputs, this.options.mode === "preview"),
      reference: resourceReference(child.urn, kind === "component" ? undefined : id),
      complete: (outputs) => this.complete(child.urn, serialized(outputs) as WireMap),
    };
  }

  private getResource(urn: string): WireMap {
    const resource = this.resources.get(urn);
    if (resource === undefined) {
      throw new Error(`unknown resource ${urn}`);
    }
    return { urn, id: resource.id ?? "", state: resource.wire.outputs };
  }

  /** The reference to a resource's provider; a missing one is the package's default, registered on first use. */
  private providerOf(request: Request): string {
    if (request.provider !== "" || request.type.startsWith("pulumi:")) {
      return request.provider;
    }
    return this.defaultProvider(packageOf(request.type), request.options.version);
  }

  private defaultProvider(packageName: string, version: string): string {
    const name = version === "" ? "default" : `default_${version.replaceAll(".", "_").replaceAll("-", "_")}`;
    const type = `pulumi:providers:${packageName}`;
    const urn = this.urn("", type, name);
    const existing = this.resources.get(urn);
    if (existing !== undefined) {
      return `${urn}::${existing.id ?? UNKNOWN}`;
    }
    const settings = Object.entries(this.options.config).filter(([key]) => key.startsWith(`${packageName}:`));
    const inputs = Object.fromEntries(settings.map(([key, value]) => [key.slice(packageName.length + 1), value]));
    const request: Request = {
      type,
      name,
      parent: "",
      kind: "defaultProvider",
      inputs: versionedProvider(inputs, version),
      provider: "",
      dependencies: [],
      propertyDependencies: {},
      options: NO_OPTIONS,
    };
    const provider = this.make(this.take(request));
    return `${urn}::${provider.id ?? UNKNOWN}`;
  }

  /** The world as a provider sees it: its region may differ from the stack's. */
  private worldOf(provider: string): World {
    const region: unknown = this.resources.get(urnOfProvider(provider))?.inputs.region;
    return typeof region === "string" && region !== UNKNOWN ? { ...this.options.world, region } : this.options.world;
  }

  private update(urn: string, change: { readonly id?: string; readonly wireOutputs?: WireMap }): RecordedResource {
    const resource = this.resources.get(urn);
    if (resource === undefined) {
      throw new Error(`outputs for a resource that was never registered: ${urn}`);
    }
    const updated = withOutputs(resource, change.wireOutputs ?? resource.wire.outputs, change.id ?? resource.id);
    this.resources.set(urn, updated);
    return updated;
  }
}
