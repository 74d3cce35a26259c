/**
 * Remote components: what their plugins (awsx 3.9, eks 4.3) make and hand out. The children are those that the plugins'
 * sources make for the inputs that this project gives.
 */
import { awsxVpc } from "./awsx";
import type { Construct } from "./component";
import { eksCluster } from "./eks";

/** How a plugin makes a component. */
export interface Plugin {
  readonly construct: Construct;
  /** Versions of the provider plugins that the component's own plugin brings along, by package. */
  readonly versions: Readonly<Record<string, string>>;
}

const PLUGINS: Readonly<Record<string, Plugin>> = {
  "awsx:ec2:Vpc": { construct: awsxVpc, versions: { aws: "7.42.0" } },
  "eks:index:Cluster": { construct: eksCluster, versions: { aws: "7.25.0", kubernetes: "4.19.0" } },
};

/** @throws Error for a remote component that nothing is known about. */
export function pluginOf(type: string): Plugin {
  const plugin = PLUGINS[type];
  if (plugin === undefined) {
    throw new Error(`the rehearsal does not know what the remote component ${type} makes: add it to src/rehearsal/outputs/plugins.ts`);
  }
  return plugin;
}
