/** What the cluster runs out of, beside slices: addresses of a subnet, and a node in the zone of a volume. */
import { listAt, podTitle } from "../../cluster/objects";
import { valueAt } from "../../json/value-at";
import { MONITORING_NAMESPACE } from "../../well-known/namespaces";
import { finding } from "../check";
import type { ClusterCheck, Examined } from "../check";
import type { ObservedPod } from "../cluster";
import type { Finding } from "../finding";
import { PATIENCE_MS } from "../patience";

export const checkCapacity: ClusterCheck = (examined) => ({ findings: [...addresses(examined), ...volumes(examined)] });

/** What the CNI plugin of AWS answers when the subnet has no address (aws/amazon-vpc-cni-k8s, `cmd/routed-eni-cni-plugin/cni.go`). */
const NO_ADDRESS = "failed to assign an IP address to container";

function addresses({ cluster: { observation, pods }, command }: Examined): readonly Finding[] {
  const without = new Set(
    observation.objects.Event.filter((event) => String(valueAt(event, "message")).includes(NO_ADDRESS)).map(
      (event) => `${String(valueAt(event, "involvedObject", "namespace"))}/${String(valueAt(event, "involvedObject", "name"))}`,
    ),
  );
  const byNode = new Map<string, ObservedPod[]>();
  for (const pod of pods) {
    if (pod.phase === "Pending" && pod.nodeName !== undefined && pod.ageMs >= PATIENCE_MS.controllers && without.has(podTitle(pod))) {
      byNode.set(pod.nodeName, [...(byNode.get(pod.nodeName) ?? []), pod]);
    }
  }
  return [...byNode].map(([node, waiting]) =>
    finding("no-addresses", {
      subject: `node ${node}`,
      seen: `${String(waiting.length)} pods get no address`,
      hurts: waiting.map(podTitle),
      commands: [
        command.aws(
          ...["ec2", "describe-subnets", "--filters", "Name=tag:kubernetes.io/role/internal-elb,Values=1"],
          ...["--query", "Subnets[].[SubnetId,CidrBlock,AvailableIpAddressCount]", "--output", "text"],
        ),
        ...waiting.map(({ namespace, name }) => command.kubectl("-n", namespace, "delete", "pod", name)),
      ],
    }),
  );
}

const PROMETHEUS = "app.kubernetes.io/name=prometheus";

function volumes({ cluster: { pods }, command }: Examined): readonly Finding[] {
  return pods
    .filter(({ namespace, nodeName, ageMs, body }) => {
      const message = listAt(body, "status", "conditions").map((condition) => String(valueAt(condition, "message")));
      return (
        namespace === MONITORING_NAMESPACE &&
        nodeName === undefined &&
        ageMs >= PATIENCE_MS.controllers &&
        message.some((text) => /volume node affinity|PersistentVolume's node affinity/.test(text))
      );
    })
    .map((pod) =>
      finding("volume-zone", {
        subject: `Pod ${podTitle(pod)}`,
        seen: "no node is in the zone of its volume",
        hurts: [podTitle(pod)],
        commands: [
          command.kubectl("-n", MONITORING_NAMESPACE, "delete", "pvc", "-l", PROMETHEUS, "--wait=false"),
          command.kubectl("-n", MONITORING_NAMESPACE, "delete", "pod", "-l", PROMETHEUS),
        ],
      }),
    );
}
