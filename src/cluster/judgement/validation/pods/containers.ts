/** Containers of pods. Source: `validateContainers` and `validateInitContainers` of Kubernetes. */
import { problem } from "../../../../dra/manifest/fields";
import { dnsLabelFault } from "../../../../dra/manifest/names";
import type { RestartRules } from "../../../../releases/kubernetes";
import { asPart, between, duplicates, each, formatted, isGiven, named, oneOf, oneOfRequired, text } from "../rules";
import type { Part, Problems } from "../rules";
import { portNameFault } from "../names";
import { environmentProblems } from "./environment";
import { lifecycleProblems, probesProblems } from "./probes";
import { resourceProblems } from "./resources";
import { restartProblems } from "./restarts";
import { containerSecurityProblems } from "./security-context";
import { mountProblems } from "./volumes";
import type { VolumeSort } from "./volumes";

export interface PodContext {
  /** The pod's volumes by name; undefined where others add to them. */
  readonly volumes: ReadonlyMap<string, VolumeSort> | undefined;
  readonly hostNetwork: boolean;
  /** Whether its users are those of the node, which is the default. */
  readonly hostUsers: boolean;
  readonly restartRules: RestartRules;
  /** What the pod has for its end. */
  readonly graceSeconds: number;
  /** No container of the pod starts a second time. */
  readonly neverRestarts: boolean;
}

export function containersProblems({ containers, initContainers }: Part, path: string, context: PodContext): Problems {
  const all = [...listOf(initContainers, `${path}.initContainers`), ...listOf(containers, `${path}.containers`)];
  const names = new Set<string>();
  return [
    ...(listOf(containers, "").length === 0 ? [problem(`${path}.containers`, undefined, "at least one container is required")] : []),
    ...all.flatMap(({ entry, at }): Problems => {
      const name = text(entry["name"]);
      const repeated = name !== "" && names.has(name);
      names.add(name);
      return repeated ? [problem(`${at}.name`, name, "duplicate")] : [];
    }),
    ...each(initContainers, `${path}.initContainers`, (container, at) => initProblems(container, at, context)),
    ...each(containers, `${path}.containers`, (container, at) => [
      ...containerProblems(container, at, context),
      ...restartProblems(container, at, "main", context.restartRules),
      ...probesProblems(container, at),
      ...lifecycleProblems(container, at, context.graceSeconds),
    ]),
  ];
}

function listOf(list: unknown, path: string): readonly { readonly entry: Part; readonly at: string }[] {
  return Array.isArray(list) ? list.map((entry: unknown, index) => ({ entry: asPart(entry), at: `${path}[${String(index)}]` })) : [];
}

/** An init container with `restartPolicy: Always` goes on beside the others, and can have what they have. */
function initProblems(container: Part, path: string, context: PodContext): Problems {
  const isSidecar = container["restartPolicy"] === "Always";
  return [
    ...containerProblems(container, path, context),
    ...restartProblems(container, path, "init", context.restartRules),
    ...(isSidecar
      ? [...probesProblems(container, path), ...lifecycleProblems(container, path, context.graceSeconds)]
      : ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]
          .filter((field) => container[field] !== undefined && container[field] !== null)
          .map((field) => problem(`${path}.${field}`, undefined, "is allowed for init containers with restartPolicy Always only"))),
  ];
}

function containerProblems(container: Part, path: string, { volumes, hostNetwork, hostUsers, neverRestarts }: PodContext): Problems {
  const { name, image, imagePullPolicy, ports, resources, terminationMessagePolicy, securityContext } = container;
  return [
    ...named(name, `${path}.name`, dnsLabelFault),
    ...named(image, `${path}.image`, (value) => (value.trim() === value ? undefined : "must not begin or end with white space")),
    ...oneOf(imagePullPolicy, `${path}.imagePullPolicy`, ["Always", "IfNotPresent", "Never"]),
    ...oneOf(terminationMessagePolicy, `${path}.terminationMessagePolicy`, ["File", "FallbackToLogsOnError"]),
    ...each(ports, `${path}.ports`, (port, at) => portProblems(port, at, hostNetwork)),
    ...each(container["resizePolicy"], `${path}.resizePolicy`, ({ resourceName, restartPolicy }, at) => [
      ...oneOfRequired(resourceName, `${at}.resourceName`, ["cpu", "memory"]),
      ...oneOfRequired(restartPolicy, `${at}.restartPolicy`, ["NotRequired", "RestartContainer"]),
      ...(neverRestarts && restartPolicy === "RestartContainer"
        ? [problem(`${at}.restartPolicy`, restartPolicy, "must be NotRequired with restartPolicy Never of the pod")]
        : []),
    ]),
    ...duplicates(container["resizePolicy"], `${path}.resizePolicy`, ({ resourceName }) => text(resourceName), "resourceName"),
    ...duplicates(ports, `${path}.ports`, (port) => text(port["name"])),
    ...duplicates(
      ports,
      `${path}.ports`,
      ({ hostPort, protocol, hostIP }) =>
        isGiven(hostPort) && hostPort !== 0 ? `${text(protocol) || "TCP"}/${text(hostIP)}/${String(hostPort)}` : "",
      "hostPort",
    ),
    ...environmentProblems(container, path),
    ...mountProblems(container, path, volumes),
    ...resourceProblems(resources, `${path}.resources`),
    ...containerSecurityProblems(securityContext, `${path}.securityContext`, hostUsers),
  ];
}

function portProblems({ containerPort, hostPort, name, protocol }: Part, path: string, hostNetwork: boolean): Problems {
  return [
    ...formatted(name, `${path}.name`, portNameFault),
    ...between(containerPort ?? 0, `${path}.containerPort`, 1, 65535),
    ...(hostPort === 0 ? [] : between(hostPort, `${path}.hostPort`, 1, 65535)),
    ...oneOf(protocol, `${path}.protocol`, ["TCP", "UDP", "SCTP"]),
    ...(hostNetwork && isGiven(hostPort) && hostPort !== 0 && hostPort !== containerPort
      ? [problem(`${path}.hostPort`, hostPort, "must be equal to containerPort on the host network")]
      : []),
  ];
}
