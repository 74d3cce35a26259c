/**
 * Pulumi's resource monitor and engine, as far as a program sees them: the two gRPC services that the Node runtime talks to,
 * on a port of this machine. Everything a program registers ends in a {@link Ledger}. What is not implemented is refused
 * with its name, never answered with nothing.
 */
import type * as grpc from "@grpc/grpc-js";
import * as engineServices from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import * as services from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Ledger } from "./ledger";
import type { LedgerOptions } from "./ledger";
import { NO_OPTIONS } from "./record";
import type { Request } from "./record";
import type { LogMessage, Recording, ResourceKind, ResourceOptions } from "./recording";
import { answer, listen, makeServer, refuseAll, toMap, toStruct } from "./service";
import { STACK_TYPE, makeUrn } from "./urn";

/** What the engine of @pulumi/pulumi 3.248 answers `true` to (pulumi/pulumi pkg/resource/deploy/source_eval.go, supportsFeatureID). */
const FEATURES: ReadonlySet<string> = new Set([
  "secrets",
  "resourceReferences",
  "outputValues",
  "aliasSpecs",
  "replacementTrigger",
  "deletedWith",
  "replaceWith",
  "transforms",
  "invokeTransforms",
  "parameterization",
  "resourceHooks",
  "errorHooks",
]);

const NAME = "the rehearsal's resource monitor";

export class RecordingMonitor {
  private readonly server = makeServer();
  private readonly ledger: Ledger;
  private rootUrn = "";

  constructor(private readonly options: LedgerOptions) {
    this.ledger = new Ledger(options);
    const { ResourceMonitorService } = services;
    const { EngineService } = engineServices;
    this.server.addService(ResourceMonitorService, { ...refuseAll(ResourceMonitorService, NAME), ...this.monitorMethods() });
    this.server.addService(EngineService, { ...refuseAll(EngineService, NAME), ...this.engineMethods() });
  }

  /** Starts listening. Resolves to `127.0.0.1:<port>`, the address of both services. */
  listen(): Promise<string> {
    return listen(this.server);
  }

  close(): void {
    this.server.forceShutdown();
  }

  /** Notes a failure of the program that did not come through its log. */
  fail(message: string): void {
    this.ledger.fail(message);
  }

  recording(): Recording {
    return this.ledger.recording();
  }

  private monitorMethods(): grpc.UntypedServiceImplementation {
    return {
      supportsFeature: answer((request: proto.SupportsFeatureRequest) => {
        const response = new proto.SupportsFeatureResponse();
        response.setHassupport(FEATURES.has(request.getId()));
        return response;
      }),
      registerResource: answer((request: proto.RegisterResourceRequest) => this.register(request)),
      registerResourceOutputs: answer((request: proto.RegisterResourceOutputsRequest) => {
        this.ledger.setOutputs(request.getUrn(), toMap(request.getOutputs()));
        return new Empty();
      }),
      readResource: answer((request: proto.ReadResourceRequest) => {
        const read = this.ledger.read(
          {
            type: request.getType(),
            name: request.getName(),
            parent: request.getParent(),
            kind: "read",
            inputs: toMap(request.getProperties()),
            provider: request.getProvider(),
            dependencies: request.getDependenciesList(),
            propertyDependencies: {},
            options: { ...NO_OPTIONS, additionalSecretOutputs: request.getAdditionalsecretoutputsList(), version: request.getVersion() },
          },
          request.getId(),
        );
        const response = new proto.ReadResourceResponse();
        response.setUrn(read.urn);
        response.setProperties(toStruct(read.wire.outputs));
        return response;
      }),
      invoke: answer((request: proto.ResourceInvokeRequest) => {
        const response = new provider.InvokeResponse();
        response.setReturn(toStruct(this.ledger.invoke(request.getTok(), toMap(request.getArgs()), request.getProvider())));
        return response;
      }),
      call: answer((request: proto.ResourceCallRequest) => {
        const response = new provider.CallResponse();
        response.setReturn(toStruct(this.ledger.call(request.getTok(), toMap(request.getArgs()))));
        return response;
      }),
      signalAndWaitForShutdown: answer(() => new Empty()),
    };
  }

  private engineMethods(): grpc.UntypedServiceImplementation {
    return {
      log: answer((request: engine.LogRequest) => {
        this.ledger.log({ severity: SEVERITIES[request.getSeverity()] ?? "info", message: request.getMessage(), urn: request.getUrn() });
        return new Empty();
      }),
      setRootResource: answer((request: engine.SetRootResourceRequest) => {
        this.rootUrn = request.getUrn();
        return new engine.SetRootResourceResponse();
      }),
      getRootResource: answer(() => {
        const response = new engine.GetRootResourceResponse();
        response.setUrn(this.rootUrn);
        return response;
      }),
      requirePulumiVersion: answer(() => new engine.RequirePulumiVersionResponse()),
    };
  }

  private async register(request: proto.RegisterResourceRequest): Promise<proto.RegisterResourceResponse> {
    if (request.getTransformsList().length > 0) {
      throw new Error(`the rehearsal runs no resource transforms, and ${request.getName()} [${request.getType()}] has one`);
    }
    const resource = await this.ledger.register(this.toRequest(request));
    const response = new proto.RegisterResourceResponse();
    response.setUrn(resource.urn);
    response.setId(resource.id ?? "");
    response.setObject(toStruct(resource.wire.outputs));
    if (resource.kind === "remoteComponent") {
      const dependencies = response.getPropertydependenciesMap();
      for (const key of Object.keys(resource.wire.outputs)) {
        dependencies.set(key, new proto.RegisterResourceResponse.PropertyDependencies().setUrnsList([resource.urn]));
      }
    }
    return response;
  }

  private toRequest(request: proto.RegisterResourceRequest): Request {
    const propertyDependencies = Object.fromEntries(
      request
        .getPropertydependenciesMap()
        .toArray()
        .map(([key]) => [key, request.getPropertydependenciesMap().get(key)?.getUrnsList() ?? []]),
    );
    return {
      type: request.getType(),
      name: request.getName(),
      parent: request.getParent(),
      kind: kindOf(request),
      inputs: toMap(request.getObject()),
      provider: request.getProvider(),
      dependencies: request.getDependenciesList(),
      propertyDependencies,
      options: this.optionsOf(request),
    };
  }

  private optionsOf(request: proto.RegisterResourceRequest): ResourceOptions {
    const parent = this.ledger.find(request.getParent())?.options ?? NO_OPTIONS;
    const timeouts = request.getCustomtimeouts();
    return {
      // Protection, retention and deletedWith are inherited (source_eval.go, inheritFromParent).
      protect: request.hasProtect() ? (request.getProtect() ?? false) : parent.protect,
      retainOnDelete: request.hasRetainondelete() ? (request.getRetainondelete() ?? false) : parent.retainOnDelete,
      deletedWith: request.getDeletedwith() === "" ? parent.deletedWith : request.getDeletedwith(),
      ignoreChanges: request.getIgnorechangesList(),
      replaceOnChanges: request.getReplaceonchangesList(),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      aliases: [...request.getAliasurnsList(), ...request.getAliasesList().map((alias) => this.aliasUrn(alias, request))],
      deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
      importId: request.getImportid() === "" ? undefined : request.getImportid(),
      customTimeouts: { create: timeouts?.getCreate() ?? "", update: timeouts?.getUpdate() ?? "", delete: timeouts?.getDelete() ?? "" },
      version: request.getVersion(),
    };
  }

  private aliasUrn(alias: Alias, request: proto.RegisterResourceRequest): string {
    const spec = alias.getSpec();
    if (spec === undefined) {
      return alias.getUrn();
    }
    const parent = spec.getNoparent() ? "" : spec.getParenturn() === "" ? request.getParent() : spec.getParenturn();
    return makeUrn(
      spec.getStack() || this.options.stack,
      spec.getProject() || this.options.project,
      parent,
      spec.getType() || request.getType(),
      spec.getName() || request.getName(),
    );
  }
}

const SEVERITIES: Readonly<Record<number, LogMessage["severity"]>> = {
  [engine.LogSeverity.DEBUG]: "debug",
  [engine.LogSeverity.INFO]: "info",
  [engine.LogSeverity.WARNING]: "warning",
  [engine.LogSeverity.ERROR]: "error",
};

function kindOf(request: proto.RegisterResourceRequest): ResourceKind {
  if (request.getType() === STACK_TYPE) {
    return "stack";
  }
  if (request.getRemote()) {
    return "remoteComponent";
  }
  if (request.getType().startsWith("pulumi:providers:")) {
    return "provider";
  }
  return request.getCustom() ? "custom" : "component";
}
