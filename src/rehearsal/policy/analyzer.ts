/**
 * The engine's side of a policy pack: a gRPC client that asks what the pulumi CLI asks, in its order
 * (pulumi/pulumi pkg/resource/plugin/analyzer_plugin.go and pkg/resource/deploy/step_generator.go).
 */
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient, AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { RecordedResource, ResourceOptions } from "../monitor/recording";
import type { WireMap } from "../monitor/wire";
import { forAnalyzer } from "../monitor/wire";
import { seconds } from "./duration";
import type { EnforcementLevel, PackConfig, PolicyConfig, PolicyInfo } from "./pack-config";

/** One violation. */
export interface Violation {
  readonly policy: string;
  readonly enforcementLevel: EnforcementLevel;
  /** The policy's description, then what it found. */
  readonly message: string;
  /** URN of the resource; empty for one about the whole stack. */
  readonly urn: string;
}

export interface PackInfo {
  readonly name: string;
  readonly version: string;
  readonly policies: readonly PolicyInfo[];
  readonly initialConfig: PackConfig;
}

const LEVELS: Readonly<Record<proto.EnforcementLevel, EnforcementLevel>> = {
  [proto.EnforcementLevel.ADVISORY]: "advisory",
  [proto.EnforcementLevel.MANDATORY]: "mandatory",
  [proto.EnforcementLevel.REMEDIATE]: "remediate",
  [proto.EnforcementLevel.DISABLED]: "disabled",
};

const CODES: Readonly<Record<EnforcementLevel, proto.EnforcementLevel>> = {
  advisory: proto.EnforcementLevel.ADVISORY,
  mandatory: proto.EnforcementLevel.MANDATORY,
  remediate: proto.EnforcementLevel.REMEDIATE,
  disabled: proto.EnforcementLevel.DISABLED,
};

/** The pack refuses its configuration, in its own words. */
export class ConfigurationRefused extends Error {
  override readonly name = "ConfigurationRefused";
}

class CallError extends Error {
  constructor({ code, details }: grpc.ServiceError) {
    super(details);
    this.code = code;
  }
  readonly code: grpc.status;
}

const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

export class Analyzer {
  private readonly client: AnalyzerClient;

  /** @param address `127.0.0.1:<port>` of a pack that serves. */
  constructor(address: string) {
    this.client = new AnalyzerClient(address, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
      "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
    });
  }

  /** Tells of the run. @param isPreview whether nothing is made in it, so that values can be unknown. */
  async configureStack(isPreview: boolean): Promise<void> {
    const request = new proto.AnalyzerStackConfigureRequest().setDryRun(isPreview);
    await call<proto.AnalyzerStackConfigureResponse>((callback) => this.client.configureStack(request, callback));
  }

  async info(): Promise<PackInfo> {
    const info = await call<proto.AnalyzerInfo>((callback) => this.client.getAnalyzerInfo(new Empty(), callback));
    const initial = info.getInitialconfigMap();
    return {
      name: info.getName(),
      version: info.getVersion(),
      policies: info.getPoliciesList().map(toPolicyInfo),
      initialConfig: Object.fromEntries(initial.toArray().map(([name]) => [name, toPolicyConfig(initial.get(name))])),
    };
  }

  /** @throws ConfigurationRefused when the pack says what is wrong with it. */
  async configure(config: PackConfig): Promise<void> {
    const request = new proto.ConfigureAnalyzerRequest();
    for (const [name, { enforcementLevel = "advisory", properties = {} }] of Object.entries(config)) {
      const policy = new proto.PolicyConfig();
      policy.setEnforcementlevel(CODES[enforcementLevel]);
      policy.setProperties(Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]));
      request.getPolicyconfigMap().set(name, policy);
    }
    await call<Empty>((callback) => this.client.configure(request, callback)).catch((error: unknown) => {
      throw error instanceof CallError && error.code === grpc.status.INVALID_ARGUMENT ? new ConfigurationRefused(error.message) : error;
    });
  }

  /** Resource policies on one resource: they see its inputs. */
  async analyze(resource: RecordedResource, provider: RecordedResource | undefined): Promise<readonly Violation[]> {
    const request = new proto.AnalyzeRequest();
    request.setType(resource.type);
    request.setUrn(resource.urn);
    request.setName(resource.name);
    request.setProperties(toStruct(resource.wire.inputs));
    request.setOptions(toOptions(resource));
    request.setProvider(toProvider(provider));
    const response = await call<proto.AnalyzeResponse>((callback) => this.client.analyze(request, callback));
    return response.getDiagnosticsList().map((diagnostic) => toViolation(diagnostic, resource.urn));
  }

  /** Stack policies on everything together: they see outputs. */
  async analyzeStack(
    resources: readonly RecordedResource[],
    providerOf: (resource: RecordedResource) => RecordedResource | undefined,
  ): Promise<readonly Violation[]> {
    // Messages of the same type one after the other are one with all their lists joined. So each resource is bytes at once, and no message holds thousands.
    const request = Buffer.concat(
      resources.map((resource) => {
        const item = toAnalyzerResource(resource, providerOf(resource));
        return new proto.AnalyzeStackRequest().setResourcesList([item]).serializeBinary();
      }),
    );
    const { path, responseDeserialize } = AnalyzerService.analyzeStack;
    const response = await call<proto.AnalyzeResponse>((callback) =>
      this.client.makeUnaryRequest(path, (bytes: Buffer) => bytes, responseDeserialize, request, callback),
    );
    return response.getDiagnosticsList().map((diagnostic) => toViolation(diagnostic, ""));
  }

  close(): void {
    this.client.close();
  }
}

function call<Response>(send: (callback: (error: grpc.ServiceError | null, response?: Response) => void) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    send((error, response) => {
      if (error === null) {
        // There is one exactly where there is no error.
        resolve(response as Response);
      } else {
        reject(new CallError(error));
      }
    });
  });
}

function toStruct(map: WireMap): Struct {
  return Struct.fromJavaScript(forAnalyzer(map) as Parameters<typeof Struct.fromJavaScript>[0]);
}

function toAnalyzerResource(resource: RecordedResource, provider: RecordedResource | undefined): proto.AnalyzerResource {
  const item = new proto.AnalyzerResource();
  item.setType(resource.type);
  item.setUrn(resource.urn);
  item.setName(resource.name);
  item.setParent(resource.parent ?? "");
  item.setProperties(toStruct(resource.wire.outputs));
  item.setOptions(toOptions(resource));
  item.setProvider(toProvider(provider));
  item.setDependenciesList([...resource.dependencies]);
  for (const [key, urns] of Object.entries(resource.propertyDependencies)) {
    item.getPropertydependenciesMap().set(key, new proto.AnalyzerPropertyDependencies().setUrnsList([...urns]));
  }
  return item;
}

function toOptions(resource: RecordedResource): proto.AnalyzerResourceOptions {
  const { options } = resource;
  const result = new proto.AnalyzerResourceOptions();
  result.setProtect(options.protect);
  result.setIgnorechangesList([...options.ignoreChanges]);
  result.setDeletebeforereplace(options.deleteBeforeReplace ?? false);
  result.setDeletebeforereplacedefined(options.deleteBeforeReplace !== undefined);
  result.setAdditionalsecretoutputsList([...options.additionalSecretOutputs]);
  result.setAliasesList([...options.aliases]);
  result.setCustomtimeouts(toTimeouts(options.customTimeouts));
  result.setParent(resource.parent ?? "");
  return result;
}

function toTimeouts(timeouts: ResourceOptions["customTimeouts"]): proto.AnalyzerResourceOptions.CustomTimeouts {
  const result = new proto.AnalyzerResourceOptions.CustomTimeouts();
  result.setCreate(seconds(timeouts.create));
  result.setUpdate(seconds(timeouts.update));
  result.setDelete(seconds(timeouts.delete));
  return result;
}

function toProvider(provider: RecordedResource | undefined): proto.AnalyzerProviderResource | undefined {
  if (provider === undefined) {
    return undefined;
  }
  const result = new proto.AnalyzerProviderResource();
  result.setType(provider.type);
  result.setUrn(provider.urn);
  result.setName(provider.name);
  result.setProperties(toStruct(provider.wire.inputs));
  return result;
}

function toViolation(diagnostic: proto.AnalyzeDiagnostic, urn: string): Violation {
  return {
    policy: diagnostic.getPolicyname(),
    enforcementLevel: LEVELS[diagnostic.getEnforcementlevel()],
    message: diagnostic.getMessage(),
    urn: diagnostic.getUrn() === "" ? urn : diagnostic.getUrn(),
  };
}

function toPolicyInfo(info: proto.PolicyInfo): PolicyInfo {
  const schema = info.getConfigschema();
  return {
    name: info.getName(),
    description: info.getDescription(),
    enforcementLevel: LEVELS[info.getEnforcementlevel()],
    configSchema:
      schema === undefined
        ? undefined
        : {
            properties: (schema.getProperties()?.toJavaScript() ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>>>>,
            required: schema.getRequiredList(),
          },
  };
}

function toPolicyConfig(config: proto.PolicyConfig | undefined): PolicyConfig {
  const properties = config?.getProperties()?.toJavaScript();
  return {
    ...(config === undefined ? {} : { enforcementLevel: LEVELS[config.getEnforcementlevel()] }),
    ...(properties === undefined ? {} : { properties }),
  };
}
