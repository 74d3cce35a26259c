/** What happens to a cluster after `pulumi up`, as a person writes it: `reboot,relayout=all-1g.5gb,upgrade=1.35`. */
import { didYouMean } from "../../hardware/nearest";

export type LifeStep = { readonly text: string } & (
  | {
      /** The instances of a pool restart, one after the other. */
      readonly type: "reboot";
      /** A pool, or a part of its name. Undefined: every pool with GPUs. */
      readonly pool: string | undefined;
    }
  | {
      /** A pool gets another layout, node by node. */
      readonly type: "relayout";
      readonly layout: string;
      /** Undefined: the only pool with GPUs. */
      readonly pool: string | undefined;
    }
  | {
      /** The control plane gets another version of Kubernetes, and then every node, one after the other. */
      readonly type: "upgrade";
      readonly kubernetesVersion: string;
    }
);

export type LifeReading =
  { readonly type: "steps"; readonly steps: readonly LifeStep[] } | { readonly type: "invalid"; readonly reason: string };

/** How each step is written. */
const FORMS = {
  reboot: "reboot, or reboot=POOL",
  relayout: "relayout=LAYOUT, or relayout=POOL:LAYOUT",
  upgrade: "upgrade=VERSION, such as upgrade=1.35",
} as const;

/** @param text steps, one after the other, separated by commas. */
export function parseLife(text: string): LifeReading {
  const readings = text.split(",").map((step) => parseStep(step.trim()));
  const invalid = readings.find((reading) => typeof reading === "string");
  return invalid === undefined
    ? { type: "steps", steps: readings.filter((reading) => typeof reading !== "string") }
    : { type: "invalid", reason: invalid };
}

/** A text: why it is no step. */
function parseStep(text: string): LifeStep | string {
  const [, kind = text, value] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  switch (kind) {
    case "reboot":
      return value === "" ? badForm(text, kind) : { text, type: "reboot", pool: value };
    case "relayout": {
      const [, pool, layout = ""] = /^(?:([^:]+):)?([^:]+)$/.exec(value ?? "") ?? [];
      return layout === "" ? badForm(text, kind) : { text, type: "relayout", layout, pool };
    }
    case "upgrade":
      return /^\d+\.\d+$/.test(value ?? "") ? { text, type: "upgrade", kubernetesVersion: value ?? "" } : badForm(text, kind);
    default:
      return text === ""
        ? `a step is empty: write ${Object.values(FORMS).join("; ")}`
        : `"${kind}" is no step${didYouMean(kind, Object.keys(FORMS))}`;
  }
}

function badForm(text: string, kind: keyof typeof FORMS): string {
  return `"${text}" is not to be understood: write ${FORMS[kind]}`;
}
