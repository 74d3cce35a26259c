/** Probes and lifecycle handlers of containers. Source: `validateProbe`, `validateHandler` and `validateSleepAction` of Kubernetes. */
import { problem } from "../../../../dra/manifest/fields";
import { asList, asPart, between, exactlyOne, isGiven, named, oneOf, required, text } from "../rules";
import type { Part, Problems } from "../rules";
import { portNameFault } from "../names";

const HEADER_NAME = /^[-A-Za-z0-9_.]+$/;

export function probesProblems(container: Part, path: string): Problems {
  return (["livenessProbe", "readinessProbe", "startupProbe"] as const).flatMap((key) =>
    container[key] === undefined || container[key] === null ? [] : probeProblems(asPart(container[key]), `${path}.${key}`, key),
  );
}

function probeProblems(probe: Part, path: string, kind: string): Problems {
  const success = probe["successThreshold"];
  return [
    ...handlerProblems(probe, path, ["exec", "httpGet", "tcpSocket", "grpc"]),
    ...["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"].flatMap((field) =>
      between(probe[field], `${path}.${field}`, 0),
    ),
    ...(kind === "readinessProbe" || !isGiven(success) || success === 0 || success === 1
      ? []
      : [problem(`${path}.successThreshold`, success, "must be 1")]),
    ...(probe["terminationGracePeriodSeconds"] === undefined
      ? []
      : kind === "readinessProbe"
        ? [problem(`${path}.terminationGracePeriodSeconds`, undefined, "not allowed in a readinessProbe")]
        : between(probe["terminationGracePeriodSeconds"], `${path}.terminationGracePeriodSeconds`, 1)),
  ];
}

/** @param graceSeconds what the pod has for its end. */
export function lifecycleProblems({ lifecycle }: Part, path: string, graceSeconds: number): Problems {
  return (["postStart", "preStop"] as const).flatMap((key) => {
    const handler = asPart(lifecycle)[key];
    const at = `${path}.lifecycle.${key}`;
    return handler === undefined || handler === null
      ? []
      : [
          ...handlerProblems(asPart(handler), at, ["exec", "httpGet", "tcpSocket", "sleep"]),
          ...sleepProblems(asPart(handler)["sleep"], `${at}.sleep.seconds`, graceSeconds),
        ];
  });
}

function sleepProblems(sleep: unknown, path: string, graceSeconds: number): Problems {
  const seconds = asPart(sleep)["seconds"];
  return typeof seconds !== "number" || (seconds >= 0 && seconds <= graceSeconds)
    ? []
    : [problem(path, seconds, `must be between 0 and terminationGracePeriodSeconds, ${String(graceSeconds)}`)];
}

function handlerProblems(handler: Part, path: string, kinds: readonly string[]): Problems {
  const { exec, httpGet, tcpSocket, grpc } = handler;
  return [
    ...exactlyOne(handler, path, kinds),
    ...(exec === undefined || asList(asPart(exec)["command"]).length > 0 ? [] : required(undefined, `${path}.exec.command`)),
    ...(httpGet === undefined ? [] : httpProblems(asPart(httpGet), `${path}.httpGet`)),
    ...(tcpSocket === undefined ? [] : portProblems(asPart(tcpSocket)["port"], `${path}.tcpSocket.port`)),
    ...(grpc === undefined ? [] : between(asPart(grpc)["port"] ?? 0, `${path}.grpc.port`, 1, 65535)),
  ];
}

function httpProblems({ port, scheme, httpHeaders }: Part, path: string): Problems {
  return [
    ...portProblems(port, `${path}.port`),
    ...oneOf(scheme, `${path}.scheme`, ["HTTP", "HTTPS"]),
    ...asList(httpHeaders).flatMap((header, index) =>
      named(asPart(header)["name"], `${path}.httpHeaders[${String(index)}].name`, (name) =>
        HEADER_NAME.test(name) ? undefined : "must be the name of an HTTP header",
      ),
    ),
  ];
}

/** A number, or the name of a port of the container. */
function portProblems(port: unknown, path: string): Problems {
  return typeof port === "string" && port !== "" ? named(text(port), path, portNameFault) : between(port ?? 0, path, 1, 65535);
}
