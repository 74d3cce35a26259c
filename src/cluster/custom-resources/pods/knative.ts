/** Knative services. Sources (knative/serving 98e5ef9, 2026-08-21; read 2026-11-28): `pkg/apis/autoscaling/register.go`, `config/core/configmaps/autoscaler.yaml`. */
import { objectAt, valueAt } from "../../objects";
import { ofTemplate } from "./reading";
import type { ReadPods } from "./types";

/** Annotations of a revision that say how many pods it has; older names after a slash. */
const SCALES = { least: ["min-scale", "minScale"], most: ["max-scale", "maxScale"], first: ["initial-scale", "initialScale"] } as const;

/** A service starts one pod, even if it may go to zero later, unless its own annotation says otherwise. */
export const KNATIVE_SERVICE: ReadPods = ({ body }, { count }) => {
  const template = valueAt(body, "spec", "template");
  const annotations = objectAt(template, "metadata", "annotations");
  const number = (names: readonly string[], otherwise: number) => {
    const key = names.map((name) => `autoscaling.knative.dev/${name}`).find((name) => annotations[name] !== undefined);
    const value = Number(key === undefined ? otherwise : annotations[key]);
    return count({ value }, "value", `spec.template.metadata.annotations[${key ?? ""}]`, otherwise);
  };
  const least = Math.max(number(SCALES.least, 0), number(SCALES.first, 1));
  const most = number(SCALES.most, 0);
  return { pods: [{ ...ofTemplate(template, "spec.template"), role: "", count: least }], scales: most > least ? [{ role: "", most }] : [] };
};
