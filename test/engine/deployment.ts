/**
 * A whole deployment: the stack under the real engine, its cluster a real control plane, its nodes a simulated fleet that joins as the stand-in for AWS
 * makes, resizes and relabels node groups.
 */
import { migConfigsOf } from "../../src/rehearsal/cluster/mig-manager";
import type { MigConfigs } from "../../src/rehearsal/cluster/mig-manager";
import { nodesOf } from "../../src/rehearsal/cluster/nodes";
import type { Node } from "../../src/rehearsal/cluster/nodes";
import type { ApiServer } from "../cluster/api-server";
import { ADMIN } from "../cluster/control-plane/start";
import { startFleet } from "../cluster/fleet/cluster";
import type { Fleet, FleetOptions } from "../cluster/fleet/fleet";
import { runProgram } from "../support/program";
import { Instances } from "./instances";
import { OPERATOR_BINARIES } from "../support/go-binaries";
import { STAND_IN_CHARTS } from "./stand-in-charts";
import { Workspace } from "./workspace";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
/** Long enough for what does not wait for the end of pods to meet them. */
const STOP_MS = 2000;

export { STAND_IN_CHARTS } from "./stand-in-charts";

type Settings = Readonly<Record<string, unknown>>;

export interface DeploymentOptions {
  /** Settings over those of the dev stack. */
  readonly config?: Settings;
  readonly fleet?: FleetOptions;
}

export class Deployment {
  private isLost = false;
  private stopped: Promise<void> | undefined;

  private constructor(
    readonly workspace: Workspace,
    readonly api: ApiServer,
    readonly fleet: Fleet,
    /** The settings over those of the stack's file, and what comes of them. */
    private readonly current: Current,
    private readonly stopCluster: () => Promise<void>,
  ) {
    const instances = new Instances(api, fleet, (pool) => current.rehearsed.nodes.filter((node) => node.pool === pool));
    workspace.standIns.controls.onChange(NODE_GROUP, (change) => (this.isLost ? undefined : instances.follow(change)));
  }

  /** Starts the control plane and makes an empty stack; nothing is deployed yet. Whoever opens one has to close it. */
  static async open({ config = {}, fleet: fleetOptions = {} }: DeploymentOptions = {}): Promise<Deployment> {
    const settings = { apiServerAccess: "private", charts: STAND_IN_CHARTS, ...config };
    const current: Current = { settings, rehearsed: await rehearse(settings) };
    const migConfigs = () => current.rehearsed.migConfigs;
    const { plane, fleet, stop } = await startFleet({ stopMs: STOP_MS, migConfigs, ...fleetOptions });
    try {
      const apiServer = { server: plane.server, certificateAuthorityData: Buffer.from(plane.ca).toString("base64") };
      const workspace = await Workspace.open({ binaries: OPERATOR_BINARIES, config: settings, token: plane.token(ADMIN), apiServer });
      return new Deployment(workspace, plane.api, fleet, current, stop);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** Changes settings of the stack; they count from the next run on. @throws Error for settings that the program refuses. */
  async configure(settings: Settings): Promise<void> {
    this.current.settings = { ...this.current.settings, ...settings };
    this.current.rehearsed = await rehearse(this.current.settings);
    this.workspace.configure(settings);
  }

  /** The settings over those of the stack's file. */
  get settings(): Settings {
    return this.current.settings;
  }

  /** The cluster is deleted behind Pulumi's back, with all that EKS keeps for it: nobody answers at its address any more. */
  async loseCluster(): Promise<void> {
    this.isLost = true;
    const { cloud } = this.workspace.standIns;
    cloud.all.filter(({ type }) => type.startsWith("aws:eks/")).forEach(({ urn, id }) => cloud.remove(urn, id));
    await this.stop();
  }

  /** Ends everything, and leaves nothing. */
  async close(): Promise<void> {
    await this.workspace.close();
    await this.stop();
  }

  private stop(): Promise<void> {
    this.stopped ??= this.stopCluster();
    return this.stopped;
  }
}

interface Current {
  settings: Settings;
  rehearsed: { readonly nodes: readonly Node[]; readonly migConfigs: MigConfigs };
}

async function rehearse(config: Settings): Promise<Current["rehearsed"]> {
  const recording = await runProgram({ config });
  return { nodes: nodesOf(recording).nodes, migConfigs: migConfigsOf(recording) };
}
