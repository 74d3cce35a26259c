/**
 * The engine's side of a policy pack: it asks what the pulumi CLI asks, in its order
 * (pulumi/pulumi pkg/resource/plugin/analyzer_plugin.go and pkg/resource/deploy/step_generator.go).
 */
import { status } from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { RecordedResource, ResourceOptions } from "../monitor/recording";
import type { WireMap } from "../monitor/wire";
import { asMap, forAnalyzer } from "../monitor/wire";
import { seconds } from "./duration";
import type { EnforcementLevel, PackConfig, PolicyConfig, PolicyInfo } from "./pack-config";
import { PlainStruct } from "./plain-struct";
import { CallError } from "./served-pack";
import type { ServedPack } from "./served-pack";

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

export class Analyzer {
  constructor(private readonly pack: ServedPack) {}

  /** Tells of the run. @param isPreview whether nothing is made in it, so that values can be unknown. */
  async configureStack(isPreview: boolean): Promise<void> {
    await this.pack.configureStack(new proto.AnalyzerStackConfigureRequest().setDryRun(isPreview));
  }

  async info(): Promise<PackInfo> {
    const info = await this.pack.getAnalyzerInfo(new Empty());
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
    await this.pack.configure(request).catch((error: unknown) => {
      throw error instanceof CallError && error.code === status.INVALID_ARGUMENT ? new ConfigurationRefused(error.message) : error;
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
    const response = await this.pack.analyze(request);
    return response.getDiagnosticsList().map((diagnostic) => toViolation(diagnostic, resource.urn));
  }

  /** Stack policies on everything together: they see outputs. */
  async analyzeStack(
    resources: readonly RecordedResource[],
    providerOf: (resource: RecordedResource) => RecordedResource | undefined,
  ): Promise<readonly Violation[]> {
    const items = resources.map((resource) => toAnalyzerResource(resource, providerOf(resource)));
    const response = await this.pack.analyzeStack(new proto.AnalyzeStackRequest().setResourcesList(items));
    return response.getDiagnosticsList().map((diagnostic) => toViolation(diagnostic, ""));
  }
}

function toStruct(map: WireMap): Struct {
  return new PlainStruct(() => asMap(forAnalyzer(map)));
}

function toAnalyzerResource(resource: RecordedResource, provider: RecordedResource | undefined): proto.AnalyzerResource {
  const item = new proto.AnalyzerResource();
  item.setType(resource.type);
  item.setUrn(resource.urn);
  item.setName(resource.name);
  item.setParent(resource.parent ?? "");
  item.setProperties(toStruct(outputsOf(resource)));
  item.setOptions(toOptions(resource));
  item.setProvider(toProvider(provider));
  item.setDependenciesList([...resource.dependencies]);
  for (const [key, urns] of Object.entries(resource.propertyDependencies)) {
    item.getPropertydependenciesMap().set(key, new proto.AnalyzerPropertyDependencies().setUrnsList([...urns]));
  }
  return item;
}

/** The provider of AWS says the id among the outputs, too. */
function outputsOf({ type, id, wire }: RecordedResource): WireMap {
  return type.startsWith("aws:") && id !== undefined ? { ...wire.outputs, id } : wire.outputs;
}

/** Resources without options of their own share them, and so they share a message for each parent. */
const MESSAGES = new WeakMap<ResourceOptions, Map<string, proto.AnalyzerResourceOptions>>();

function toOptions({ options, parent = "" }: RecordedResource): proto.AnalyzerResourceOptions {
  const ofOptions = MESSAGES.get(options) ?? new Map<string, proto.AnalyzerResourceOptions>();
  const message = ofOptions.get(parent) ?? newOptions(options, parent);
  MESSAGES.set(options, ofOptions.set(parent, message));
  return message;
}

function newOptions(options: ResourceOptions, parent: string): proto.AnalyzerResourceOptions {
  const result = new proto.AnalyzerResourceOptions();
  result.setProtect(options.protect);
  result.setIgnorechangesList([...options.ignoreChanges]);
  result.setDeletebeforereplace(options.deleteBeforeReplace ?? false);
  result.setDeletebeforereplacedefined(options.deleteBeforeReplace !== undefined);
  result.setAdditionalsecretoutputsList([...options.additionalSecretOutputs]);
  result.setAliasesList([...options.aliases]);
  result.setCustomtimeouts(toTimeouts(options.customTimeouts));
  result.setParent(parent);
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
