import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Job } from "@pulumi/kubernetes/batch/v1";
import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap, PersistentVolumeClaim, Service } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { ResourceClaim } from "@pulumi/kubernetes/resource/v1";
import * as pulumi from "@pulumi/pulumi";
import type { FashionMnist as FashionMnistConfig, Monitoring } from "../../config/types";
import { sharedClaim } from "./claim";
import type { SliceSource } from "./claim";
import { scrapePolicy, serviceMonitor } from "./metrics";
import { readScripts, scriptsConfigMap } from "./scripts";
import { checkpointClaim } from "./volumes";
import type { CheckpointStore, ScriptSource } from "./volumes";
import { LARGE_TRAINING, MEDIUM_TRAINING, PORT, SMALL_INFERENCE, inferenceDeployment, inferenceService, trainingJob } from "./workloads";
import { DEFAULT_STORAGE_CLASS } from "../storage-class";

type Deployed = FashionMnistConfig & { readonly type: "deployed" };

export interface FashionMnistArgs {
  /** Whether and how the workloads are deployed. */
  readonly fashionMnist: FashionMnistConfig;
  /** Whether something scrapes the inference service. */
  readonly monitoring: Monitoring;
}

/**
 * The example workloads in a team's namespace: ResNet-18 training on a large slice, CNN training on a medium one, continuous inference on a small one.
 * The programs are the files of `workloads/fashion_mnist`; a change of them replaces the pods. With `fashionMnist: none` the component is empty.
 */
export class FashionMnist extends pulumi.ComponentResource {
  constructor(name: string, args: FashionMnistArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shared-gpu:kubernetes:FashionMnist", name, {}, opts);
    if (args.fashionMnist.type === "deployed") {
      this.deploy(name, args.fashionMnist, args.monitoring);
    }
    this.registerOutputs({});
  }

  private deploy(name: string, config: Deployed, monitoring: Monitoring): void {
    const namespace = config.team;
    // The specs of claims and Jobs are immutable and their names fixed. The Deployment is treated alike, since its pods would keep a shared claim that is to
    // be replaced from being deleted; with the strategy Recreate an update is not gentler.
    const replaced = { parent: this, replaceOnChanges: ["spec"], deleteBeforeReplace: true };

    const slices: SliceSource = config.colocate
      ? { type: "sharedClaim", claimName: new ResourceClaim(`${name}-shared`, sharedClaim(namespace), replaced).metadata.name }
      : { type: "template" };
    const context = {
      namespace,
      image: config.image,
      scripts: this.scripts(name, config),
      checkpoints: this.checkpoints(name, config),
      slices,
    };

    for (const training of [LARGE_TRAINING, MEDIUM_TRAINING]) {
      new Job(training.name, trainingJob(training, context), replaced);
    }
    new Deployment(SMALL_INFERENCE.name, inferenceDeployment(context), replaced);
    new Service(SMALL_INFERENCE.name, inferenceService(namespace), { parent: this });
    if (monitoring.type !== "none") {
      const target = { name: SMALL_INFERENCE.name, namespace, port: PORT };
      new CustomResource(SMALL_INFERENCE.name, serviceMonitor(target), { parent: this });
      new NetworkPolicy(`${SMALL_INFERENCE.name}-metrics`, scrapePolicy(target), { parent: this });
    }
  }

  private scripts(name: string, { scripts, team }: Deployed): ScriptSource {
    return scripts === "configMap"
      ? { type: "configMap", name: new ConfigMap(name, scriptsConfigMap(readScripts(), team), { parent: this }).metadata.name }
      : { type: "image" };
  }

  private checkpoints(name: string, { checkpoints, team }: Deployed): CheckpointStore {
    if (checkpoints.type === "perPod") {
      return { type: "perPod" };
    }
    const claim = checkpointClaim(team, DEFAULT_STORAGE_CLASS, checkpoints.sizeGiB);
    return {
      type: "shared",
      claimName: new PersistentVolumeClaim(`${name}-checkpoints`, claim, { parent: this }).metadata.name,
    };
  }
}
