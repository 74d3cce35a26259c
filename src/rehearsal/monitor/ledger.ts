/** The state behind the monitor: every resource registered so far, and what a provider would have answered. */
import { answerInvoke, zonesOf } from "../outputs/invokes";
import type { Offers } from "../outputs/invokes";
import { pluginOf } from "../outputs/plugins";
import type { Child, MakeChild } from "../outputs/component";
import { kubeconfigOf } from "../outputs/eks-kubeconfig";
import { createdOutputs, previewedOutputs } from "../outputs/outputs";
import type { World } from "../outputs/world";
import { NO_OPTIONS, newRecord, withOutputs } from "./record";
import type { Request } from "./record";
import type { LogMessage, Mode, PlainMap, RecordedInvoke, RecordedResource, Recording, ResourceKind } from "./recording";
import { makeUrn, packageOf, urnOfProvider } from "./urn";
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

export class Ledger {
  private readonly resources = new Map<string, RecordedResource>();
  private readonly invokes: RecordedInvoke[] = [];
  private readonly logs: LogMessage[] = [];
  private readonly failures: string[] = [];

  constructor(private readonly options: LedgerOptions) {}

  /**
   * Registers a resource and answers for its provider.
   * @throws Error when the URN exists already, as the engine does, and for what the rehearsal knows nothing about.
   */
  async register(request: Request): Promise<RecordedResource> {
    const place = this.registerHere(request);
    return request.kind === "remoteComponent"
      ? this.update(place.urn, { wireOutputs: { ...request.inputs, ...(await this.construct(place)) } })
      : place;
  }

  /** Registers a resource that nothing is made for. */
  private registerHere(request: Request): RecordedResource {
    const urn = this.urn(request.parent, request.type, request.name);
    if (this.resources.has(urn)) {
      throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    }
    const provider = MANAGED.includes(request.kind) ? this.providerOf(request) : request.provider;
    // The place is taken before anything is made below it: parents come before their children.
    const place = newRecord(request, urn, provider);
    this.resources.set(urn, place);
    switch (request.kind) {
      case "stack":
      case "component":
      case "remoteComponent":
        return place;
      default: {
        const { id, outputs } = this.create(place, request);
        return this.update(urn, { id, wireOutputs: outputs });
      }
    }
  }

  /** A resource that exists outside the stack. */
  read(request: Request, id: string): RecordedResource {
    const registered = this.registerHere({ ...request, kind: "read" });
    return this.update(registered.urn, { id });
  }

  /** Sets the outputs of a component, or of the stack. */
  setOutputs(urn: string, outputs: WireMap): void {
    this.update(urn, { wireOutputs: outputs });
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

  /** Makes the children of a remote component and answers its outputs; in preview they are unknown but for references. */
  private async construct(component: RecordedResource): Promise<WireMap> {
    const { world, offers, mode } = this.options;
    const { construct, versions } = pluginOf(component.type);
    const make: MakeChild = async (type, name, inputs, parent, kind = "custom") => {
      const request = { type, name, kind, inputs, parent: parent?.urn ?? component.urn, provider: "" };
      const child = await this.register({
        ...request,
        dependencies: [],
        propertyDependencies: {},
        options: { ...NO_OPTIONS, version: versions[packageOf(type)] ?? "" },
      });
      const marked = { ...child, madeBy: component.type };
      this.resources.set(child.urn, marked);
      return this.childOf(marked);
    };
    const outputs = await construct(component, world, zonesOf(world, offers), make);
    return mode === "known" ? outputs : (onlyReferences(outputs) as WireMap);
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
    const parent = this.resources.get(request.parent);
    const packageName = packageOf(request.type);
    if (parent?.provider !== undefined && parent.provider !== "" && packageOf(parent.type) === packageName) {
      return parent.provider;
    }
    return this.defaultProvider(packageName, request.options.version);
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
    const provider = this.registerHere({
      type,
      name,
      parent: "",
      kind: "defaultProvider",
      inputs,
      provider: "",
      dependencies: [],
      propertyDependencies: {},
      options: NO_OPTIONS,
    });
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
