/** The state behind the monitor: every resource registered so far, and what a provider would have answered. */
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import { answerInvoke, zonesOf } from "../stand-ins/invokes";
import type { Offers } from "../stand-ins/invokes";
import type { DeployedStack } from "../deployed/deployed-stack";
import { HELM_RELEASE } from "../../well-known/resource-types";
import { checkedByAws, checkedRelease, versionedProvider } from "../stand-ins/checked";
import { outputsOf, sourcesOf } from "../stand-ins/component";
import { kubeconfigOf } from "../stand-ins/eks/kubeconfig";
import { foreseenOutputs } from "../stand-ins/foreseen";
import { createdOutputs } from "../stand-ins/outputs";
import type { Account } from "../stand-ins/account";
import { EKS_CLUSTER } from "../../well-known/resource-types";
import { Callbacks } from "./callbacks";
import { COMPONENTS, Goals } from "./goals";
import type { Settled } from "./goals";
import { Hooks } from "./hooks";
import type { Before } from "./hooks";
import { apply, downgraded, serialized } from "./output-values";
import { NO_OPTIONS, newRecord, withOutputs } from "./record";
import type { AskedRequest, Request } from "./record";
import type { LogMessage, Mode, PlainMap, RecordedInvoke, RecordedResource, Recording, ResourceKind } from "./recording";
import { constructRemote } from "./remote";
import { makeUrn, packageOf, urnOfProvider } from "./urn";
import { Transforms } from "./transforms";
import { UNKNOWN, asMap, hasUnknown, unwrap, withSecrets } from "./wire";
import type { WireMap } from "./wire";

export interface LedgerOptions {
  readonly project: string;
  readonly stack: string;
  readonly mode: Mode;
  readonly account: Account;
  readonly offers: Offers;
  /** The stack's settings, for the default providers: `aws:region`, ... */
  readonly config: Readonly<Record<string, string>>;
  /** What is deployed already. @default nothing: everything is created */
  readonly deployed?: DeployedStack | undefined;
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
    const settled = await this.goals.settle(asked, asked.transforms);
    if (asked.kind === "remoteComponent") {
      return this.construct(asked, settled);
    }
    const made = this.make(await this.place(settled, asked.transforms));
    // Those of components come with their outputs.
    if (!COMPONENTS.includes(made.kind)) {
      await this.runLateHooks(made);
    }
    return made;
  }

  /** A resource that nothing is made for yet. @param own its transforms, for everything below it. */
  private async place({ request, goal }: Settled, own: readonly Callback[]): Promise<RecordedResource> {
    const place = this.take(request);
    this.goals.keep(place.urn, request.parent, own, goal);
    const { deployed } = this.options;
    const step = deployed?.decide(place);
    if (step?.type !== "same") {
      await this.runEarlyHooks(place, step?.type === "update" ? step.deployed : undefined);
    }
    if (step !== undefined) {
      deployed?.take(step);
    }
    return place;
  }

  /** What a hook refuses ends the engine's run. Here the program goes on, because without an engine to end it, it would wait for the resource for ever. */
  private async runEarlyHooks(place: RecordedResource, before: Before | undefined): Promise<void> {
    try {
      await this.hooks.run(before === undefined ? "beforeCreate" : "beforeUpdate", place, before);
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Takes a resource's place, before anything is made below it: parents come before their children. */
  private take(request: Request): RecordedResource {
    const urn = this.urn(request.parent, request.type, request.name);
    if (this.resources.has(urn)) {
      throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    }
    const provider = MANAGED.includes(request.kind) ? this.providerOf(request) : request.provider;
    const { deployed } = this.options;
    const found = deployed?.find({ ...request, urn });
    const checked = this.checked(request, urn, provider, found?.inputs as WireMap | undefined);
    const inputs = deployed?.ignoring(urn, checked, request.options.ignoreChanges) ?? checked;
    const place = newRecord({ ...request, inputs }, urn, provider);
    this.resources.set(urn, place);
    return place;
  }

  /** The inputs with what the engine and the provider fill in. @param deployed those of the resource that is there already. */
  private checked({ type, name, kind, inputs, options }: Request, urn: string, provider: string, deployed: WireMap = {}): WireMap {
    const plain = downgraded(inputs) as WireMap;
    if (kind === "provider") {
      return versionedProvider(plain, options.version);
    }
    if (this.isUnconfigured(provider)) {
      return plain;
    }
    if (kind === "custom" && packageOf(type) === "aws") {
      return checkedByAws({ urn, type, name }, plain, this.accountOf(provider).region, deployed);
    }
    return type === HELM_RELEASE ? checkedRelease(plain) : plain;
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
    const step = this.options.deployed?.stepOf(resource.urn);
    try {
      if (step?.type === "update") {
        await this.hooks.run("afterUpdate", resource, step.deployed);
      } else if (step?.type !== "same") {
        await this.hooks.run("afterCreate", resource);
      }
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
        : this.isUnconfigured(provider)
          ? {}
          : (this.options.deployed?.invoke(token, plain) ?? answerInvoke(token, plain, this.accountOf(provider), this.options.offers));
    this.invokes.push({ token, args: plain, result });
    return result as WireMap;
  }

  /** Answers a method of a component. @throws Error for one that the rehearsal cannot answer. */
  call(token: string, args: WireMap): WireMap {
    if (token !== "eks:index:Cluster/getKubeconfig") {
      throw new Error(`the rehearsal has no answer for the method ${token}: add one to src/rehearsal/monitor/ledger.ts`);
    }
    const self = this.resources.get(String(asMap(args.__self__).urn));
    const cluster = [...this.resources.values()].find((resource) => resource.parent === self?.urn && resource.type === EKS_CLUSTER);
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

  /** The resource that was registered last. */
  lastUrn(): string | undefined {
    return [...this.resources.keys()].at(-1);
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
    if (this.isUnconfigured(resource.provider)) {
      return { id: "", outputs: {} };
    }
    if (this.options.mode === "preview") {
      return { id: "", outputs: withSecrets(foreseenOutputs(resource, wire.inputs), options.additionalSecretOutputs) };
    }
    const { deployed } = this.options;
    // A replacement has another id than what it replaces.
    const seed = deployed === undefined ? resource : { ...resource, urn: `${resource.urn}, again` };
    const created = createdOutputs(seed, this.accountOf(resource.provider));
    const kept = deployed?.answer(resource, created.outputs);
    if (kept !== undefined) {
      return kept;
    }
    return { id: created.id, outputs: withSecrets({ ...wire.inputs, ...created.outputs }, options.additionalSecretOutputs) };
  }

  /** Builds a remote component by what is known of its plugin. */
  private async construct(asked: AskedRequest, settled: Settled): Promise<RecordedResource> {
    const { account, offers, mode } = this.options;
    const { urn, outputs } = await constructRemote(asked, settled, {
      account,
      zones: zonesOf(account, offers),
      isPreview: mode === "preview",
      place: async (again) => this.place(await this.goals.settle(again, asked.transforms), asked.transforms),
      register: async (child, component) => {
        const made = { ...(await this.register(child)), madeBy: component.type };
        this.resources.set(made.urn, made);
        return made;
      },
      complete: (completed, values) => this.complete(completed, values),
    });
    this.sources.set(urn, Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, sourcesOf(value)])));
    const made = this.get(urn);
    return { ...made, wire: { ...made.wire, outputs: serialized(outputs) as WireMap } };
  }

  private get(urn: string): RecordedResource {
    const resource = this.resources.get(urn);
    if (resource === undefined) {
      throw new Error(`unknown resource ${urn}`);
    }
    return resource;
  }

  private getResource(urn: string): WireMap {
    const { id = "", wire } = this.get(urn);
    return { urn, id, state: wire.outputs };
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

  /**
   * Whether a provider cannot be asked, because something of its configuration is not known yet, such as the kubeconfig of a cluster that is still to be made.
   * The engine then takes the inputs as they are and leaves all outputs open (pulumi/pulumi pkg/resource/plugin/provider_plugin.go, `pcfg.known`).
   */
  private isUnconfigured(provider: string): boolean {
    return hasUnknown((this.resources.get(urnOfProvider(provider))?.inputs ?? {}) as WireMap);
  }

  /** The account as a provider sees it: its region may differ from the stack's. */
  private accountOf(provider: string): Account {
    const region: unknown = this.resources.get(urnOfProvider(provider))?.inputs.region;
    return typeof region === "string" && region !== UNKNOWN ? { ...this.options.account, region } : this.options.account;
  }

  private update(urn: string, change: { readonly id?: string; readonly wireOutputs?: WireMap }): RecordedResource {
    const resource = this.get(urn);
    const updated = withOutputs(resource, change.wireOutputs ?? resource.wire.outputs, change.id ?? resource.id);
    this.resources.set(urn, updated);
    return updated;
  }
}
