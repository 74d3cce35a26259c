/**
 * Pulumi's resource monitor and engine, as far as a program sees them: the two gRPC services that the Node runtime talks to,
 * in the same process or on a port of this machine. Everything a program registers ends in a {@link Ledger}. What is not
 * implemented is refused with its name, never answered with nothing.
 */
import type * as grpc from "@grpc/grpc-js";
import * as engineServices from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import * as services from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Activity } from "./activity";
import { Ledger } from "./ledger";
import type { LedgerOptions } from "./ledger";
import { NO_OPTIONS } from "./record";
import { askedOptions } from "./options";
import type { AskedRequest } from "./record";
import type { LogMessage, Recording, ResourceKind } from "./recording";
import { answer as answerCall, answerHere, listen, makeServer, refuseAll, toMap, toStruct } from "./service";
import { STACK_TYPE } from "./urn";

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
  private server: grpc.Server | undefined;
  private readonly ledger: Ledger;
  private readonly activity = new Activity();
  private readonly methods: grpc.UntypedServiceImplementation;
  private readonly methodsOfEngine: grpc.UntypedServiceImplementation;
  private rootUrn = "";

  constructor(options: LedgerOptions) {
    this.ledger = new Ledger(options);
    const { ResourceMonitorService } = services;
    const { EngineService } = engineServices;
    this.methods = { ...refuseAll(ResourceMonitorService, NAME), ...this.monitorMethods() };
    this.methodsOfEngine = { ...refuseAll(EngineService, NAME), ...this.engineMethods() };
  }

  /** Answers the clients of a runtime in this process. */
  answerHere(monitor: grpc.Client, engine: grpc.Client): void {
    answerHere(monitor, this.methods);
    answerHere(engine, this.methodsOfEngine);
  }

  /** Starts listening, for a runtime in another process. Resolves to `127.0.0.1:<port>`, the address of both services. */
  listen(): Promise<string> {
    const server = makeServer();
    server.addService(services.ResourceMonitorService, this.methods);
    server.addService(engineServices.EngineService, this.methodsOfEngine);
    this.server = server;
    return listen(server);
  }

  close(): void {
    this.ledger.close();
    this.server?.forceShutdown();
  }

  /** Notes a failure of the program that did not come through its log. */
  fail(message: string): void {
    this.ledger.fail(message);
  }

  recording(): Recording {
    return this.ledger.recording();
  }

  /** Waits until the program waits for something that will not come, and notes that. @param signal ends the wait. */
  async stalled(signal: AbortSignal): Promise<void> {
    const stall = await this.activity.stall(signal);
    if (stall?.type === "refused") {
      this.fail(stall.reason);
    } else if (stall !== undefined) {
      const last = this.ledger.lastUrn();
      this.fail(
        `The program has not ended, and has asked nothing of the engine for ${String(stall.seconds)} seconds: it waits for a promise that nothing settles.` +
          (last === undefined ? "" : ` The last resource that it registered is ${last}`),
      );
    }
  }

  /** A method of the services, each call of which is a sign of life. */
  private readonly answer = <Request, Response>(handle: (request: Request) => Response | Promise<Response>) =>
    answerCall(async (request: Request) => {
      this.activity.note();
      try {
        return await handle(request);
      } finally {
        this.activity.note();
      }
    });

  private monitorMethods(): grpc.UntypedServiceImplementation {
    const { answer } = this;
    return {
      supportsFeature: answer((request: proto.SupportsFeatureRequest) => {
        const response = new proto.SupportsFeatureResponse();
        response.setHassupport(FEATURES.has(request.getId()));
        return response;
      }),
      registerResource: answer((request: proto.RegisterResourceRequest) => this.register(request)),
      registerResourceOutputs: answer(async (request: proto.RegisterResourceOutputsRequest) => {
        await this.ledger.complete(request.getUrn(), toMap(request.getOutputs()));
        return new Empty();
      }),
      registerStackTransform: answer((transform: Callback) => {
        this.ledger.transforms.add(transform);
        return new Empty();
      }),
      registerResourceHook: answer((request: proto.RegisterResourceHookRequest) => {
        this.ledger.hooks.register(request);
        return new Empty();
      }),
      registerErrorHook: answer((request: proto.RegisterErrorHookRequest) => {
        this.ledger.hooks.registerErrorHook(request.getName());
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
    const { answer } = this;
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
    const resource = await this.ledger.register(toAsked(request)).catch((error: unknown) => {
      this.activity.noteRefusal(error instanceof Error ? error.message : String(error));
      throw error;
    });
    const response = new proto.RegisterResourceResponse();
    response.setUrn(resource.urn);
    response.setId(resource.id ?? "");
    response.setObject(toStruct(resource.wire.outputs));
    if (resource.kind === "remoteComponent") {
      const dependencies = response.getPropertydependenciesMap();
      for (const key of Object.keys(resource.wire.outputs)) {
        dependencies.set(
          key,
          new proto.RegisterResourceResponse.PropertyDependencies().setUrnsList([
            resource.urn,
            ...this.ledger.sourcesOf(resource.urn, key),
          ]),
        );
      }
    }
    return response;
  }
}

function toAsked(request: proto.RegisterResourceRequest): AskedRequest {
  const dependencies = request.getPropertydependenciesMap();
  return {
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    kind: kindOf(request),
    inputs: toMap(request.getObject()),
    propertyDependencies: Object.fromEntries(dependencies.toArray().map(([key]) => [key, dependencies.get(key)?.getUrnsList() ?? []])),
    options: askedOptions(request),
    transforms: request.getTransformsList(),
  };
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
