/**
 * A whole deployment: the stack under the real engine, its cluster a real control plane, its nodes a simulated fleet that joins as the stand-in for AWS
 * makes, resizes and relabels node groups.
 */
import { join } from "node:path";
import type { ApiServer } from "../../../src/live/api/api-server";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { ADMIN } from "../control-plane/start";
import { startFleet } from "../fleet/cluster";
import type { FaultyFleet, FaultyFleetOptions } from "../fleet/faulty-fleet";
import { answerCall } from "./aws-cli/answer";
import { SOCKET, serve } from "./aws-cli/serve";
import { Instances } from "./instances";
import { OPERATOR_BINARIES } from "../../support/go-binaries";
import { STAND_IN_CHARTS } from "./stand-in-charts";
import { StackRehearsal } from "./stack-rehearsal";
import { Workspace } from "./workspace";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
/** Long enough for what does not wait for the end of pods to meet them. */
const STOP_MS = 2000;

export { STAND_IN_CHARTS } from "./stand-in-charts";

type Settings = Readonly<Record<string, unknown>>;

export interface DeploymentOptions {
  /** Settings over those of the dev stack. */
  readonly config?: Settings;
  /** With a release, the cluster and the stack are of its Kubernetes version. */
  readonly fleet?: FaultyFleetOptions;
}

export class Deployment {
  private readonly instances: Instances;
  private isLost = false;
  private endAws: () => void = () => undefined;
  private stopped: Promise<void> | undefined;

  private constructor(
    readonly workspace: Workspace,
    private readonly plane: ControlPlane,
    readonly fleet: FaultyFleet,
    private current: Settings,
    private readonly rehearsal: StackRehearsal,
    private readonly stopCluster: () => Promise<void>,
  ) {
    this.instances = new Instances(plane.api, fleet, (pool) => rehearsal.nodes.filter((node) => node.pool === pool));
    workspace.standIns.controls.onChange(NODE_GROUP, (change) => (this.isLost ? undefined : this.instances.follow(change)));
  }

  /** Starts the control plane and makes an empty stack; nothing is deployed yet. Whoever opens one has to close it. */
  static async open({ config = {}, fleet: fleetOptions = {} }: DeploymentOptions = {}): Promise<Deployment> {
    const settings = {
      apiServerAccess: "private",
      charts: STAND_IN_CHARTS,
      ...(fleetOptions.release === undefined ? {} : { kubernetesVersion: fleetOptions.release.kubernetesVersion }),
      ...config,
    };
    const rehearsal = new StackRehearsal();
    const migConfigs = () => rehearsal.migConfigs;
    const { plane, fleet, stop } = await startFleet({ stopMs: STOP_MS, migConfigs, ...fleetOptions });
    try {
      const apiServer = { server: plane.server, certificateAuthorityData: Buffer.from(plane.ca).toString("base64") };
      const workspace = await Workspace.open({ binaries: OPERATOR_BINARIES, config: settings, token: plane.token(ADMIN), apiServer });
      const deployment = new Deployment(workspace, plane, fleet, settings, rehearsal, stop);
      deployment.endAws = await serve(join(workspace.folder, "bin", SOCKET), (args) => answerCall(args, deployment.instances));
      await deployment.prepare();
      return deployment;
    } catch (error) {
      await stop();
      throw error;
    }
  }

  get api(): ApiServer {
    return this.plane.api;
  }

  /** The settings over those of the stack's file, as far as they were made here. */
  get settings(): Settings {
    return this.current;
  }

  /** Changes settings of the stack; they count from the next run on. @throws Error for settings that the program refuses. */
  async configure(settings: Settings): Promise<void> {
    this.current = { ...this.current, ...settings };
    this.workspace.configure(settings);
    await this.prepare();
  }

  /** To be called before a run when others have changed the stack's file. @throws Error for settings that the program refuses. */
  prepare(): Promise<void> {
    return this.rehearsal.update(join(this.workspace.folder, "project"));
  }

  /**
   * Ends the waits of the Job controller: each time that a Job's pod is evicted or deleted, it waits twice as long before the next one, up to ten minutes
   * (kubernetes, pkg/controller/job, `MaxJobPodFailureBackOff`). It keeps that in memory.
   */
  endJobBackOff(): Promise<void> {
    return this.plane.restart("kube-controller-manager");
  }

  /** An instance ends by itself, and its node group starts another one. */
  loseInstance(nodeName: string): Promise<void> {
    return this.instances.lose(nodeName);
  }

  /** The next instance of a pool starts and never joins the cluster. @param console what it prints on its console. */
  strandNext(pool: string, console: string): void {
    this.instances.strandNext(pool, console);
  }

  /** As `aws eks delete-nodegroup` does, behind Pulumi's back. */
  async deleteNodeGroup(id: string): Promise<void> {
    await this.instances.remove(id);
    const { cloud } = this.workspace.standIns;
    cloud.all.filter((thing) => thing.type === NODE_GROUP && thing.id === id).forEach(({ urn }) => cloud.remove(urn, id));
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
    this.endAws();
    await this.workspace.close();
    await this.stop();
  }

  private stop(): Promise<void> {
    this.stopped ??= this.stopCluster();
    return this.stopped;
  }
}
