/** Autoscalers: how many pods they let a workload have. Sources: kube-controller-manager `pkg/controller/podautoscaler`, kedacore/keda v2.17 `apis/keda/v1alpha1`. */
import { textOf } from "../json/text-of";
import { objectAt } from "./objects";
import type { ClusterObject, JsonObject } from "./objects";

/** The numbers of pods between which an autoscaler moves a workload. */
export interface Scaling {
  readonly object: ClusterObject;
  readonly least: number;
  readonly most: number;
  /** The fields that say so. */
  readonly fields: { readonly least: string; readonly most: string };
}

/** What KEDA takes where a ScaledObject says nothing. */
const KEDA_DEFAULTS = { least: 0, most: 100 };

export class Autoscalers {
  private constructor(private readonly byTarget: ReadonlyMap<string, Scaling>) {}

  static of(objects: readonly ClusterObject[]): Autoscalers {
    return new Autoscalers(
      new Map(
        objects.flatMap((object): [string, Scaling][] => {
          const scaling = scalingOf(object);
          const target = objectAt(object.body, "spec", "scaleTargetRef");
          const { kind = "Deployment", name } = target;
          return scaling === undefined ? [] : [[`${object.namespace}/${groupOf(target)}/${textOf(kind)}/${textOf(name)}`, scaling]];
        }),
      ),
    );
  }

  of({ namespace, apiVersion, kind, name }: ClusterObject): Scaling | undefined {
    return this.byTarget.get(`${namespace}/${groupOf({ apiVersion })}/${kind}/${name}`);
  }

  /** How many pods a workload has with its autoscaler: what it says itself, within the autoscaler's limits. One with 0 pods is left alone. */
  replicasOf(object: ClusterObject, replicas: number): number {
    const scaling = this.of(object);
    return scaling === undefined || replicas === 0 ? replicas : Math.min(Math.max(replicas, scaling.least), Math.max(scaling.most, 1));
  }
}

function scalingOf(object: ClusterObject): Scaling | undefined {
  const spec = objectAt(object.body, "spec");
  const number = (key: string, otherwise: number) => (typeof spec[key] === "number" ? spec[key] : otherwise);
  if (object.kind === "HorizontalPodAutoscaler" && object.apiVersion.startsWith("autoscaling/")) {
    const fields = { least: "minReplicas", most: "maxReplicas" };
    return { object, least: number(fields.least, 1), most: number(fields.most, 1), fields };
  }
  if (object.kind === "ScaledObject" && object.apiVersion.startsWith("keda.sh/")) {
    const fields = { least: "minReplicaCount", most: "maxReplicaCount" };
    return { object, least: number(fields.least, KEDA_DEFAULTS.least), most: number(fields.most, KEDA_DEFAULTS.most), fields };
  }
  return undefined;
}

function groupOf({ apiVersion = "apps/v1" }: JsonObject): string {
  const text = String(apiVersion);
  return text.includes("/") ? text.slice(0, text.indexOf("/")) : "";
}
