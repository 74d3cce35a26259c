/** Ray clusters, and the jobs and services that bring one. Source: ray-project/kuberay `ray-operator/controllers/ray` (feeaf72, 2026-08-19; read 2026-11-28). */
import { isObject } from "../../../dra/manifest/fields";
import { listAt, objectAt } from "../../objects";
import { valueAt } from "../../../json/value-at";
import type { ClusterObject, JsonObject } from "../../objects";
import { containerFieldsOf, entriesOf, isSuspended, nameOf, ofTemplate } from "./reading";
import type { Context, CustomPods, Placement, ReadPods } from "./types";

/** What KubeRay gives the submitter and the autoscaler where the resource says nothing (`GetDefaultSubmitterContainer`, `BuildAutoscalerContainer`). */
const SUBMITTER_RESOURCES = { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m", memory: "200Mi" } };
const AUTOSCALER_RESOURCES = { limits: { cpu: "500m", memory: "512Mi" }, requests: { cpu: "500m", memory: "512Mi" } };

/** A Ray cluster by the keys of its spec. Its autoscaler starts from the same numbers (`GetWorkerGroupDesiredReplicas`). */
function clusterPods(object: ClusterObject, keys: readonly string[], { count }: Context): Placement {
  const cluster = objectAt(object.body, ...keys);
  const path = keys.join(".");
  const suspended = isSuspended(object.body, valueAt(object.body, "spec", "suspend"), cluster["suspend"]);
  const autoscales = cluster["enableInTreeAutoscaling"] === true;
  const groups = entriesOf(cluster, "workerGroupSpecs", path).map(({ entry, path: at }, index) => {
    const least = count(entry, "minReplicas", at, 0);
    const most = count(entry, "maxReplicas", at, Infinity);
    const wanted = Math.min(Math.max(count(entry, "replicas", at, least), least), most);
    const hosts = count(entry, "numOfHosts", at, 1);
    const role = nameOf(entry, "groupName", index);
    return {
      pods: { ...ofTemplate(entry["template"], `${at}.template`), role, count: (entry["suspend"] === true ? 0 : wanted) * hosts },
      most: most * hosts,
    };
  });
  const head = ofTemplate(valueAt(cluster, "headGroupSpec", "template"), `${path}.headGroupSpec.template`);
  const pod = autoscales
    ? {
        ...head,
        spec: withAutoscaler(head.spec, cluster),
        remedy: `The last container is the autoscaler's: write its security context to ${path}.autoscalerOptions.securityContext`,
      }
    : head;
  const pods = [{ ...pod, role: "head", count: 1 }, ...groups.map((group) => group.pods)];
  return {
    pods: pods.map((each) => (suspended ? { ...each, count: 0 } : each)),
    scales:
      autoscales && !suspended ? groups.map(({ pods: { role }, most }) => ({ role, most })).filter(({ most }) => most < Infinity) : [],
  };
}

/** The autoscaler is a container in the head's pod. */
function withAutoscaler(spec: unknown, cluster: JsonObject): unknown {
  const own = containerFieldsOf(cluster["autoscalerOptions"]);
  const containers = listAt(spec, "containers");
  const image = valueAt(containers[0], "image");
  return isObject(spec)
    ? { ...spec, containers: [...containers, { image, resources: AUTOSCALER_RESOURCES, ...own, name: "autoscaler" }] }
    : spec;
}

export const rayCluster =
  (...keys: readonly string[]): ReadPods =>
  (object, context) =>
    clusterPods(object, keys, context);

/** A job with a cluster of its own, by the keys of the job's spec. A pod of a Kubernetes Job submits it, unless the resource says otherwise. */
export const rayJob =
  (...keys: readonly string[]): ReadPods =>
  (object, context) => {
    const job = objectAt(object.body, ...keys);
    const path = keys.join(".");
    const named = isObject(job["clusterSelector"]) && !isObject(job["rayClusterSpec"]);
    const cluster: Placement = named
      ? { pods: [], unplaced: ["it runs in a RayCluster that it selects by label, whose pods are that object's"] }
      : clusterPods(object, [...keys, "rayClusterSpec"], context);
    const suspended = isSuspended(object.body, job["suspend"]);
    return { ...cluster, pods: [...cluster.pods, ...submitter(job, path, suspended)] };
  };

function submitter(job: JsonObject, path: string, suspended: boolean): readonly CustomPods[] {
  if ((job["submissionMode"] ?? "K8sJobMode") !== "K8sJobMode") {
    return [];
  }
  const template = job["submitterPodTemplate"];
  const own = ofTemplate(template, `${path}.submitterPodTemplate`);
  const head = valueAt(job, "rayClusterSpec", "headGroupSpec", "template", "spec");
  const byDefault = {
    restartPolicy: "Never",
    containers: [
      {
        name: "ray-job-submitter",
        image: valueAt(listAt(head, "containers")[0], "image") ?? "rayproject/ray",
        resources: SUBMITTER_RESOURCES,
      },
    ],
  };
  const pod = isObject(template)
    ? own
    : {
        path: `${path}.submitterPodTemplate`,
        spec: byDefault,
        remedy: `Write ${path}.submitterPodTemplate: KubeRay's own has no security context`,
      };
  return [{ ...pod, role: "submitter", count: suspended ? 0 : 1 }];
}
