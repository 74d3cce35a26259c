/** The state behind the monitor: every resource registered so far, and what a provider would have answered. */
import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import { TransformResourceOptions } from "@pulumi/pulumi/proto/resource_pb";
import { answerInvoke, zonesOf } from "../outputs/invokes";
import type { Offers } from "../outputs/invokes";
import { pluginOf } from "../outputs/plugins";
import type { Child, MakeChild } from "../outputs/component";
import { kubeconfigOf } from "../outputs/eks-kubeconfig";
import { createdOutputs, previewedOutputs } from "../outputs/outputs";
import type { World } from "../outputs/world";
import { Callbacks } from "./callbacks";
import { Hooks } from "./hooks";
import { constructOptions, inherit, inheritProviders, recordedOptions } from "./options";
import { dependenciesOf, downgraded, upgraded, withDependencies } from "./output-values";
import { NO_OPTIONS, newRecord, withOutputs } from "./record";
import type { AskedRequest, Request } from "./record";
import type { LogMessage, Mode, PlainMap, RecordedInvoke, RecordedResource, Recording, ResourceKind } from "./recording";
import { makeUrn, packageOf, urnOfProvider } from "./urn";
import { Transforms } from "./transforms";
import { UNKNOWN, asMap, hasUnknown, onlyReferences, resourceReference, unwrap, withSecrets } from "./wire";
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

/** Kinds that group others, and that nothing is made for. */
const COMPONENTS: readonly ResourceKind[] = ["stack", "component", "remoteComponent"];

interface Settled {
  readonly request: Request;
  /** The options with everything that those below may inherit. */
  readonly goal: TransformResourceOptions;
}

export class Ledger {
  private readonly resources = new Map<string, RecordedResource>();
  private readonly invokes: RecordedInvoke[] = [];
  private readonly logs: LogMessage[] = [];
  private readonly failures: string[] = [];
  private readonly goals = new Map<string, TransformResourceOptions>();
  private readonly callbacks = new Callbacks();
  readonly transforms = new Transforms(this.callbacks);
  readonly hooks: Hooks;

  constructor(private readonly options: LedgerOptions) {
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
    const { request, goal } = await this.settle(asked, asked.transforms);
    if (request.kind === "remoteComponent") {
      return this.construct(asked, request, goal);
    }
    const place = this.take(request);
    this.keep(place.urn, asked, goal);
    await this.hooks.run("beforeCreate", place);
    const made = this.make(place, request);
    // Those of components come with their outputs.
    if (!COMPONENTS.includes(made.kind)) {
      await this.runLateHooks(made);
    }
    return made;
  }

  /**
   * What becomes of a request: what is inherited, what transforms make of it, and the dependencies that it ends with (source_eval.go, RegisterResource).
   * @param own the resource's own transforms; those of the request, but for a component that a plugin registers on the program's behalf.
   */
  private async settle(asked: AskedRequest, own: readonly Callback[]): Promise<Settled> {
    const { type, name, parent, kind } = asked;
    const isComponent = COMPONENTS.includes(kind);
    const parentGoal = this.goals.get(parent);
    if (parentGoal !== undefined) {
      inherit(asked.options, parentGoal, type, !isComponent || kind === "remoteComponent");
    }
    const transforms = this.transforms.of(parent, own);
    if (transforms.length === 0) {
      if (isComponent && parentGoal !== undefined) inheritProviders(asked.options, parentGoal);
      return this.settled(asked, asked.inputs, asked.options);
    }
    const isOwn = asked.transforms.length > 0;
    const upgradedInputs = upgraded(asked.inputs) as WireMap;
    const { inputs, options } = await this.transforms.apply(transforms, {
      type,
      name,
      parent,
      custom: !isComponent,
      inputs: isOwn ? withDependencies(upgradedInputs, asked.propertyDependencies) : upgradedInputs,
      options: asked.options,
    });
    if (isComponent && parentGoal !== undefined) inheritProviders(options, parentGoal);
    // Of a resource with transforms of its own, the engine forgets what was known of its properties and asks the properties.
    return this.settled(isOwn ? { ...asked, propertyDependencies: {} } : asked, inputs, options);
  }

  private settled(asked: AskedRequest, inputs: WireMap, options: TransformResourceOptions): Settled {
    const { type, name, parent, kind, transforms } = asked;
    const propertyDependencies = Object.fromEntries(
      [...new Set([...Object.keys(asked.propertyDependencies), ...Object.keys(inputs)])].map((key) => [
        key,
        [...new Set([...(asked.propertyDependencies[key] ?? []), ...dependenciesOf(inputs[key])])],
      ]),
    );
    const dependencies = transforms.length === 0 ? asked.options.getDependsOnList() : options.getDependsOnList();
    const request: Request = {
      type,
      name,
      parent,
      kind,
      inputs: downgraded(inputs) as WireMap,
      provider: options.getProvider(),
      dependencies: [...new Set([...dependencies, ...Object.values(propertyDependencies).flat()])],
      propertyDependencies,
      options: recordedOptions(options, (alias) => this.aliasUrn(alias, asked)),
    };
    return { request, goal: options };
  }

  /** Takes a resource's place, before anything is made below it: parents come before their children. */
  private take(request: Request): RecordedResource {
    const urn = this.urn(request.parent, request.type, request.name);
    if (this.resources.has(urn)) {
      throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    }
    const provider = MANAGED.includes(request.kind) ? this.providerOf(request) : request.provider;
    const place = newRecord(request, urn, provider);
    this.resources.set(urn, place);
    return place;
  }

  /** Answers for the provider of a resource. */
  private make(place: RecordedResource, request: Request): RecordedResource {
    if (COMPONENTS.includes(place.kind)) {
      return place;
    }
    const { id, outputs } = this.create(place, request);
    return this.update(place.urn, { id, wireOutputs: outputs });
  }

  /** A resource that exists outside the stack. */
  read(request: Request, id: string): RecordedResource {
    const asked = { ...request, kind: "read" } as const;
    const read = this.make(this.take(asked), asked);
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

  find(urn: string): RecordedResource | undefined {
    return this.resources.get(urn);
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
    const role = unwrap(args.roleArn ?? null).value;
    const extra = typeof role === "string" ? ["--role", role] : [];
    const result = kubeconfigOf(cluster?.wire.outputs ?? {}, this.options.world, extra);
    return { result: hasUnknown(result) ? UNKNOWN : JSON.stringify(result) };
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
  private create(resource: RecordedResource, { inputs, options }: Request): { readonly id: string; readonly outputs: WireMap } {
    if (this.options.mode === "preview") {
      return { id: "", outputs: { ...inputs, ...previewedOutputs(resource) } };
    }
    const created = createdOutputs(resource, this.worldOf(resource.provider));
    return { id: created.id, outputs: withSecrets({ ...inputs, ...created.outputs }, options.additionalSecretOutputs) };
  }

  /**
   * Builds a remote component as its plugin does, which registers the component first: parents' and own transforms see it a second time.
   * Its outputs are unknown in preview, but for references.
   */
  private async construct(asked: AskedRequest, request: Request, goal: TransformResourceOptions): Promise<RecordedResource> {
    const { world, offers, mode } = this.options;
    const { construct, versions } = pluginOf(request.type);
    const again = await this.settle(
      { ...asked, inputs: request.inputs, options: constructOptions(goal), transforms: [] },
      asked.transforms,
    );
    const component = this.take(again.request);
    this.keep(component.urn, asked, again.goal);
    await this.hooks.run("beforeCreate", component);
    const make: MakeChild = async (type, name, inputs, parent, kind = "custom") => {
      const child = await this.register({
        type,
        name,
        kind,
        inputs,
        parent: parent?.urn ?? component.urn,
        propertyDependencies: {},
        options: new TransformResourceOptions().setVersion(versions[packageOf(type)] ?? ""),
        transforms: [],
      });
      const marked = { ...child, madeBy: component.type };
      this.resources.set(child.urn, marked);
      return this.childOf(marked);
    };
    const outputs = await construct(
      { ...component, inputs: unwrap(request.inputs).value as PlainMap },
      world,
      zonesOf(world, offers),
      make,
    );
    const known = mode === "known" ? outputs : (onlyReferences(outputs) as WireMap);
    await this.complete(component.urn, { ...request.inputs, ...known });
    return this.resources.get(component.urn) ?? component;
  }

  private keep(urn: string, { parent, transforms }: AskedRequest, goal: TransformResourceOptions): void {
    this.goals.set(urn, goal);
    this.transforms.keep(urn, parent, transforms);
  }

  /** The URN that an alias stands for. */
  private aliasUrn(alias: Alias, { parent, type, name }: AskedRequest): string {
    const spec = alias.getSpec();
    if (spec === undefined) {
      return alias.getUrn();
    }
    const { stack, project } = this.options;
    const aliasParent = spec.getNoparent() ? "" : spec.getParenturn() || parent;
    return makeUrn(spec.getStack() || stack, spec.getProject() || project, aliasParent, spec.getType() || type, spec.getName() || name);
  }

  private childOf(resource: RecordedResource): Child {
    const id = resource.id ?? UNKNOWN;
    return {
      urn: resource.urn,
      id,
      outputs: resource.wire.outputs,
      reference: resourceReference(resource.urn, resource.kind === "component" ? undefined : (resource.id ?? "")),
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
    const inputs = {
      ...Object.fromEntries(settings.map(([key, value]) => [key.slice(packageName.length + 1), value])),
      ...(version === "" ? {} : { version }),
    };
    const request: Request = {
      type,
      name,
      parent: "",
      kind: "defaultProvider",
      inputs,
      provider: "",
      dependencies: [],
      propertyDependencies: {},
      options: NO_OPTIONS,
    };
    const provider = this.make(this.take(request), request);
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
