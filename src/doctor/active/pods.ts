/** The pods of the active check. */
import type { JsonObject } from "../../cluster/objects";
import { RESTRICTED_CONTAINER, restrictedPod } from "../../kubernetes/pod-security";
import { GPU_TAINT } from "../../well-known/labels";
import { LOOK } from "./sight";
import type { ActiveNames, Place } from "./places";

export interface ProbeOptions {
  readonly names: ActiveNames;
  readonly place: Place;
  /** @default the API server makes one up that begins with this */
  readonly prefix: string;
  readonly image: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  /** Template of its claim. @default it has none */
  readonly template?: string;
  /** Where `/dev/null` of the node is mounted. @default nowhere */
  readonly nullMount?: string;
}

/** No user of the image or the node. */
const USER_ID = 65532;

/** A pod ends by itself also where nobody removes it. */
const DEADLINE_SECONDS = 300;

const CLAIM = "slice";

/** A pod that reports which GPUs its container sees. */
export function probe({ names, place, prefix, image, nodeSelector = {}, env = [], template, nullMount }: ProbeOptions): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: `${prefix}-`, namespace: names.namespaces[place] },
    spec: {
      restartPolicy: "Never",
      activeDeadlineSeconds: DEADLINE_SECONDS,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      priorityClassName: names.priorityClass,
      nodeSelector,
      tolerations: [{ key: GPU_TAINT.key, operator: "Exists", effect: GPU_TAINT.effect }],
      securityContext: restrictedPod(USER_ID),
      ...(template === undefined ? {} : { resourceClaims: [{ name: CLAIM, resourceClaimTemplateName: template }] }),
      containers: [
        {
          name: "look",
          image,
          imagePullPolicy: "IfNotPresent",
          command: ["bash", "-c", LOOK],
          env,
          securityContext: RESTRICTED_CONTAINER,
          resources: {
            requests: { cpu: "10m", memory: "32Mi" },
            limits: { memory: "256Mi" },
            ...(template === undefined ? {} : { claims: [{ name: CLAIM }] }),
          },
          ...(nullMount === undefined ? {} : { volumeMounts: [{ name: "null", mountPath: nullMount }] }),
        },
      ],
      ...(nullMount === undefined ? {} : { volumes: [{ name: "null", hostPath: { path: "/dev/null" } }] }),
    },
  };
}
