/** Serves the pack, and reads what the engine sends it first. */
import type { AnalyzeRequest, AnalyzerStackConfigureRequest, ConfigureAnalyzerRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import type * as Grpc from "@grpc/grpc-js";
import { PolicyPack } from "@pulumi/policy";
import type { Policies } from "@pulumi/policy";
import { createRequire } from "node:module";
import { EKS_CLUSTER } from "../../src/well-known/resource-types";
import { addClusterVersion, updateRun } from "./run";
import { unknownNames } from "./settings";
import type { Settings } from "./settings";

/** The copy that the SDK uses, which can differ from the pack's own. */
const { Server, status } = createRequire(require.resolve("@pulumi/policy"))("@grpc/grpc-js") as typeof Grpc;

type Handler<Request> = (call: { readonly request: Request }, callback: (error: Partial<Grpc.StatusObject> | null) => void) => void;

/** The methods of the analyzer protocol that describe a run. */
interface Configuration {
  readonly analyze: Handler<AnalyzeRequest>;
  readonly configure: Handler<ConfigureAnalyzerRequest>;
  readonly configureStack: Handler<AnalyzerStackConfigureRequest>;
}

/**
 * Serves the policies as `new PolicyPack` does. The SDK does not pass three things on to policies: whether the run is a preview, the settings of all
 * policies, and, when it asks about another resource, the Kubernetes version of the stack's cluster. So the pack wraps the SDK's own methods while the
 * SDK registers them. It rejects settings with a name that no policy has, and the engine stops with its message.
 * @throws Error if the SDK registers no such methods: a pack that does not receive its settings must not run.
 */
export function servePack(name: string, policies: Policies): void {
  const prototype = Server.prototype;
  const { addService } = prototype;
  let wrapped = false;
  prototype.addService = function (service, implementation) {
    const { analyze, configure, configureStack } = implementation as unknown as Partial<Configuration>;
    if (analyze === undefined || configure === undefined || configureStack === undefined) {
      addService.call(this, service, implementation);
      return;
    }
    wrapped = true;
    addService.call(this, service, {
      ...implementation,
      ...wrappers({ analyze, configure, configureStack }, policies),
    } as typeof implementation);
  };
  try {
    new PolicyPack(name, { policies });
  } finally {
    prototype.addService = addService;
  }
  if (!wrapped) {
    throw new Error("this version of @pulumi/policy does not send the pack its settings. Use the version of package.json");
  }
}

function wrappers(sdk: Configuration, policies: Policies): Configuration {
  return {
    analyze: (call, callback) => {
      if (call.request.getType() === EKS_CLUSTER) {
        addClusterVersion(versionOf(call.request));
      }
      sdk.analyze(call, callback);
    },
    configure: (call, callback) => {
      const settings = settingsOf(call.request);
      const problems = unknownNames(policies, settings);
      if (problems.length > 0) {
        callback({ code: status.INVALID_ARGUMENT, details: problems.join("\n") });
        return;
      }
      updateRun({ settings });
      sdk.configure(call, callback);
    },
    configureStack: (call, callback) => {
      updateRun({ isPreview: call.request.getDryRun(), clusterVersions: [] });
      sdk.configureStack(call, callback);
    },
  };
}

/** The Kubernetes version that an EKS cluster registers; undefined if it names none, or one that is unknown. */
function versionOf(request: AnalyzeRequest): string | undefined {
  const version = request.getProperties()?.getFieldsMap().get("version")?.getStringValue() ?? "";
  return /^\d+\.\d+$/.test(version) ? version : undefined;
}

function settingsOf(request: ConfigureAnalyzerRequest): Settings {
  const policies = request.getPolicyconfigMap();
  return Object.fromEntries(policies.toArray().map(([name]) => [name, policies.get(name)?.getProperties()?.toJavaScript() ?? {}]));
}
