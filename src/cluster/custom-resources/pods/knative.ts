/** Knative services. Sources (knative/serving 98e5ef9, 2026-08-21; read 2026-11-28): `pkg/apis/autoscaling/register.go`, `config/core/configmaps/autoscaler.yaml`. */
import { isObject } from "../../../dra/manifest/fields";
import { listAt, objectAt } from "../../objects";
import { valueAt } from "../../../json/value-at";
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
  const pods = { ...ofTemplate(template, "spec.template"), role: "", count: least };
  return { pods: [{ ...pods, spec: withNames(pods.spec) }], scales: most > least ? [{ role: "", most }] : [] };
};

/** Of the containers without a name Knative calls the first `user-container`, and the others by their numbers (`SetDefaults` of a RevisionSpec). */
function withNames(spec: unknown): unknown {
  const containers = listAt(spec, "containers").map((container, index) =>
    isObject(container) ? { name: index === 0 ? "user-container" : `user-container-${String(index)}`, ...container } : container,
  );
  return isObject(spec) ? { ...spec, containers } : spec;
}
