/** Serves the pack, and listens to what the engine tells it first. */
import type { AnalyzeRequest, AnalyzerStackConfigureRequest, ConfigureAnalyzerRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import type * as Grpc from "@grpc/grpc-js";
import { PolicyPack } from "@pulumi/policy";
import type { Policies } from "@pulumi/policy";
import { createRequire } from "node:module";
import { tellClusterVersion, tellRun } from "./run";
import { unknownNames } from "./settings";
import type { Settings } from "./settings";

/** The copy that the SDK uses: the pack's own need not be the same. */
const { Server, status } = createRequire(require.resolve("@pulumi/policy"))("@grpc/grpc-js") as typeof Grpc;

type Handler<Request> = (call: { readonly request: Request }, callback: (error: Partial<Grpc.StatusObject> | null) => void) => void;

/** The methods of the analyzer protocol in which the engine tells something. */
interface Told {
  readonly analyze: Handler<AnalyzeRequest>;
  readonly configure: Handler<ConfigureAnalyzerRequest>;
  readonly configureStack: Handler<AnalyzerStackConfigureRequest>;
}

/**
 * Serves the policies as `new PolicyPack` does. Three things that the engine tells a pack reach no policy of the SDK's: whether the run is a preview,
 * the settings as a whole, and, while it is asked about another resource, the Kubernetes version of the stack's cluster. So the pack stands before the SDK's own methods while the SDK registers them. Settings with a name that no policy has
 * are refused, and the engine stops with the words.
 * @throws Error when the SDK registers no such methods: a pack that hears nothing must not run.
 */
export function servePack(name: string, policies: Policies): void {
  const prototype = Server.prototype;
  const { addService } = prototype;
  let heard = false;
  prototype.addService = function (service, implementation) {
    const { analyze, configure, configureStack } = implementation as unknown as Partial<Told>;
    if (analyze === undefined || configure === undefined || configureStack === undefined) {
      addService.call(this, service, implementation);
      return;
    }
    heard = true;
    addService.call(this, service, {
      ...implementation,
      ...listeners({ analyze, configure, configureStack }, policies),
    } as typeof implementation);
  };
  try {
    new PolicyPack(name, { policies });
  } finally {
    prototype.addService = addService;
  }
  if (!heard) throw new Error("this version of @pulumi/policy does not tell the pack its settings: use the version of package.json");
}

function listeners(sdk: Told, policies: Policies): Told {
  return {
    analyze: (call, callback) => {
      const version = clusterVersionOf(call.request);
      if (version !== undefined) {
        tellClusterVersion(version);
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
      tellRun({ settings });
      sdk.configure(call, callback);
    },
    configureStack: (call, callback) => {
      tellRun({ isPreview: call.request.getDryRun(), clusterVersions: [] });
      sdk.configureStack(call, callback);
    },
  };
}

/** The Kubernetes version that an EKS cluster registers; undefined where it is unknown, and for every other resource. */
function clusterVersionOf(request: AnalyzeRequest): string | undefined {
  if (request.getType() !== "aws:eks/cluster:Cluster") {
    return undefined;
  }
  const version = request.getProperties()?.getFieldsMap().get("version")?.getStringValue() ?? "";
  return /^\d+\.\d+$/.test(version) ? version : undefined;
}

function settingsOf(request: ConfigureAnalyzerRequest): Settings {
  const policies = request.getPolicyconfigMap();
  return Object.fromEntries(policies.toArray().map(([name]) => [name, policies.get(name)?.getProperties()?.toJavaScript() ?? {}]));
}
