/**
 * Remote components: what their plugins (awsx 3.9, eks 4.3) make and hand out. The children are those that the plugins'
 * sources make for the inputs that this project gives.
 */
import { EKS_CLUSTER_COMPONENT, VPC_COMPONENT } from "../../well-known/resource-types";
import { awsxVpc } from "./awsx/vpc";
import type { Construct } from "./component";
import { eksCluster } from "./eks/cluster";

/** How a plugin makes a component. */
export interface Plugin {
  readonly construct: Construct;
  /** Versions of the provider plugins that the component's own plugin brings along, by package. */
  readonly versions: Readonly<Record<string, string>>;
  /**
   * Whether the engine hears of the arguments of components. An SDK of Node sends them since 3.201. Of eks 4.3.0 both kinds exist: the release is built
   * from a lock file with 3.173, which does not send them; a build that takes the newest SDK that its package allows does.
   * @default false
   */
  readonly sendsInputs?: boolean;
  /** Whether hooks of the program reach the component: an SDK of Node hands them on since 3.200. @default false */
  readonly passesHooks?: boolean;
  /** Whether the component's outputs are in the state, as opposed to handed to the program alone. @default false */
  readonly registersOutputs?: boolean;
}

const PLUGINS: Readonly<Record<string, Plugin>> = {
  [VPC_COMPONENT]: { construct: awsxVpc, versions: { aws: "7.43.0" }, passesHooks: true },
  [EKS_CLUSTER_COMPONENT]: {
    construct: eksCluster,
    versions: { aws: "7.25.0", kubernetes: "4.19.0" },
    sendsInputs: true,
    registersOutputs: true,
  },
};

/** @throws Error for a remote component that nothing is known about. */
export function pluginOf(type: string): Plugin {
  const plugin = PLUGINS[type];
  if (plugin === undefined) {
    throw new Error(`the rehearsal does not know what the remote component ${type} makes: add it to src/rehearsal/stand-ins/plugins.ts`);
  }
  return plugin;
}
