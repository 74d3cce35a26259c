/** Serves the pack, and reads what the engine sends it first. */
import type {
  AnalyzeRequest,
  AnalyzeStackRequest,
  AnalyzerProviderResource,
  AnalyzerResource,
  AnalyzerStackConfigureRequest,
  ConfigureAnalyzerRequest,
} from "@pulumi/pulumi/proto/analyzer_pb";
import type * as Grpc from "@grpc/grpc-js";
import { PolicyPack } from "@pulumi/policy";
import { deserializeProperties } from "@pulumi/policy/deserialize";
import type { Policies } from "@pulumi/policy";
import { createRequire } from "node:module";
import { EKS_CLUSTER } from "../../src/well-known/resource-types";
import { shareProperties } from "../evaluation/shared-properties";
import type { SharedProperties } from "../evaluation/shared-properties";
import { addClusterVersion, updateRun } from "./run";
import { unknownNames } from "./settings";
import type { Settings } from "./settings";

/** The copy that the SDK uses, which can differ from the pack's own. */
const { Server, status } = createRequire(require.resolve("@pulumi/policy"))("@grpc/grpc-js") as typeof Grpc;

type Handler<Request> = (call: { readonly request: Request }, callback: Answer) => void;
type Answer = (error: Partial<Grpc.StatusObject> | null, response?: unknown) => void;

/** The methods of the analyzer protocol that describe a run or ask about resources. */
interface Methods {
  readonly analyze: Handler<AnalyzeRequest>;
  readonly analyzeStack: Handler<AnalyzeStackRequest>;
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
    const { analyze, analyzeStack, configure, configureStack } = implementation as unknown as Partial<Methods>;
    if (analyze === undefined || analyzeStack === undefined || configure === undefined || configureStack === undefined) {
      addService.call(this, service, implementation);
      return;
    }
    wrapped = true;
    addService.call(this, service, {
      ...implementation,
      ...wrappers({ analyze, analyzeStack, configure, configureStack }, policies),
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

function wrappers(sdk: Methods, policies: Policies): Methods {
  return {
    analyze: (call, callback) => {
      if (call.request.getType() === EKS_CLUSTER) {
        addClusterVersion(versionOf(call.request));
      }
      const { asked, shared } = withTickets(call.request);
      sdk.analyze({ request: asked }, answering(callback, shared));
    },
    analyzeStack: ({ request }, callback) => {
      const resources = request.getResourcesList().map((resource) => withTickets(resource));
      const asked = changed(request, { getResourcesList: () => resources.map((resource) => resource.asked) });
      sdk.analyzeStack(
        { request: asked },
        answering(
          callback,
          resources.flatMap(({ shared }) => shared),
        ),
      );
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

/** A message, with a ticket in the place of properties. */
interface Ticketed<Message> {
  readonly asked: Message;
  readonly shared: readonly SharedProperties[];
}

/** What the SDK is asked about a resource. */
function withTickets<Asked extends AnalyzeRequest | AnalyzerResource>(resource: Asked): Ticketed<Asked> {
  const own = withTicket(resource);
  const provider = resource.getProvider();
  if (provider === undefined) {
    return own;
  }
  const { asked, shared } = withTicket(provider);
  return { asked: changed(own.asked, { getProvider: () => asked }), shared: [...own.shared, ...shared] };
}

/** The properties are a ticket, and behind it they are what the SDK would make of them for each policy. */
function withTicket<Asked extends AnalyzeRequest | AnalyzerResource | AnalyzerProviderResource>(message: Asked): Ticketed<Asked> {
  const shared = shareProperties(() => {
    const properties = message.getProperties();
    return properties === undefined ? {} : deserializeProperties(properties, false);
  });
  // Of the properties the SDK reads this (its deserialize.js).
  const ticket = { toJavaScript: () => shared.ticket };
  return { asked: changed(message, { getProperties: () => ticket }), shared: [shared] };
}

/** A message with other methods. What the engine has sent stays as it is. */
function changed<Message extends object>(message: Message, methods: Readonly<Record<string, () => unknown>>): Message {
  return Object.assign(Object.create(message) as Message, methods);
}

function answering(callback: Answer, shared: readonly SharedProperties[]): Answer {
  return (error, response) => {
    shared.forEach(({ end }) => {
      end();
    });
    callback(error, response);
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
