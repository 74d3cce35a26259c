/** Tolerations, of pods for nodes and of requests for devices. */

interface Toleration {
  /** Undefined: every key. */
  readonly key: string | undefined;
  readonly operator: "Exists" | "Equal";
  readonly value: string;
  /** Undefined: every effect. */
  readonly effect: string | undefined;
}

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** Whether a toleration covers a taint (Kubernetes, `ToleratesTaint` of component-helpers and of dynamic-resource-allocation). */
export function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  return (
    (effect === undefined || effect === taint.effect) &&
    (key === undefined || key === taint.key) &&
    (operator === "Exists" || value === (taint.value ?? ""))
  );
}
