/**
 * A whole deployment: the stack under the real engine, its cluster a real control plane, its nodes a simulated fleet that joins as the stand-in for AWS
 * makes, resizes and relabels node groups.
 */
import { join } from "node:path";
import { nodesOf } from "../../src/rehearsal/cluster/nodes";
import type { Node } from "../../src/rehearsal/cluster/nodes";
import type { ApiServer } from "../cluster/api-server";
import { ADMIN } from "../cluster/control-plane/start";
import { startFleet } from "../cluster/fleet/cluster";
import type { Fleet, FleetOptions } from "../cluster/fleet/fleet";
import { runProgram } from "../support/program";
import { Instances } from "./instances";
import { Workspace } from "./workspace";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
/** Long enough for what does not wait for the end of pods to meet them. */
const STOP_MS = 2000;

/** The charts of this folder in place of the publishers'. */
export const STAND_IN_CHARTS = {
  kubePrometheusStack: { chart: join(__dirname, "charts/kube-prometheus-stack") },
  gpuOperator: { chart: join(__dirname, "charts/gpu-operator") },
  draDriver: { chart: join(__dirname, "charts/nvidia-dra-driver-gpu") },
};

type Settings = Readonly<Record<string, unknown>>;

export interface DeploymentOptions {
  /** Settings over those of the dev stack. */
  readonly config?: Settings;
  readonly fleet?: FleetOptions;
}

export class Deployment {
  private constructor(
    readonly workspace: Workspace,
    readonly api: ApiServer,
    readonly fleet: Fleet,
    /** The settings over those of the stack's file, and the nodes that the pools have with them. */
    private settings: Settings,
    private nodes: readonly Node[],
    /** Ends everything, and leaves nothing. */
    readonly close: () => Promise<void>,
  ) {
    const instances = new Instances(api, fleet, (pool) => this.nodes.filter((node) => node.pool === pool));
    workspace.standIns.controls.onChange(NODE_GROUP, (change) => instances.follow(change));
  }

  /** Starts the control plane and makes an empty stack; nothing is deployed yet. */
  static async open({ config = {}, fleet: fleetOptions = {} }: DeploymentOptions = {}): Promise<Deployment> {
    const settings = { apiServerAccess: "private", charts: STAND_IN_CHARTS, ...config };
    const nodes = await nodesWith(settings);
    const { plane, fleet, stop } = await startFleet({ stopMs: STOP_MS, ...fleetOptions });
    try {
      const apiServer = { server: plane.server, certificateAuthorityData: Buffer.from(plane.ca).toString("base64") };
      const workspace = await Workspace.open({ config: settings, token: plane.token(ADMIN), apiServer });
      return new Deployment(workspace, plane.api, fleet, settings, nodes, async () => {
        await workspace.close();
        await stop();
      });
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** Changes settings of the stack; they count from the next run on. */
  async configure(settings: Settings): Promise<void> {
    this.settings = { ...this.settings, ...settings };
    this.nodes = await nodesWith(this.settings);
    this.workspace.configure(settings);
  }
}

async function nodesWith(config: Settings): Promise<readonly Node[]> {
  return nodesOf(await runProgram({ config })).nodes;
}
