import { requestedDevices } from "./claims";
import type { ClaimSpec, ExactRequest } from "./claims";
import { deviceValue } from "./selector/device-value";
import type { DeviceValue, Uncertainty } from "./selector/device-value";
import type { KubernetesRules } from "../releases/kubernetes";
import type { DeviceClass } from "./device-classes";
import type { CatalogueDevice } from "./devices";
import { compileSelector, evaluatePartially } from "./selector/selector";
import type { PartialVerdict } from "./selector/selector";

/** A device shape that a request could be given. */
export interface ReachedDevice {
  readonly device: CatalogueDevice;
  /**
   * `certain`: some device of the shape matches, whatever its identifiers. `possible`: the match depends on what differs between devices
   * or nodes (a UUID, an address, a driver version) and is unknown before. A claim can reach both.
   */
  readonly certainty: "certain" | "possible";
}

/** Why a request's reach is unknown. A cluster rejects such a claim, or leaves it pending with an error. */
export interface ReachObstacle {
  readonly reason: "unknownClass" | "invalidSelector" | "evaluationError";
  /** In words, with the class or expression it is about. */
  readonly message: string;
  /** The device on which evaluation fails. */
  readonly device: CatalogueDevice | undefined;
}

export type Reach =
  | { readonly type: "determined"; readonly devices: readonly ReachedDevice[] }
  | { readonly type: "undetermined"; readonly obstacles: readonly ReachObstacle[] };

/** Reach of one request, or of one alternative of a `firstAvailable` request. */
export interface RequestReach {
  /** `request`, or `request/alternative`. */
  readonly reference: string;
  readonly reach: Reach;
}

/**
 * Which devices of a catalogue a claim can get: for every request and every alternative, the shapes that pass its device class and its own selectors.
 *
 * It evaluates the expressions and never reads their text, with three-valued logic for what differs between devices of one shape, and at every start
 * of a MIG device where memory slices decide. So no selector can hide a shape behind `uuid != "x"` or `has(...memorySlice3)`.
 * It ignores constraints between requests: they can only narrow the reach.
 *
 * @param devices `catalogueDevices(release)`; kept between calls, since verdicts are remembered per device
 * @param rules of the Kubernetes version that evaluates the selectors
 */
export function reachOf(
  spec: ClaimSpec,
  classes: readonly DeviceClass[],
  devices: readonly CatalogueDevice[],
  rules: KubernetesRules,
): readonly RequestReach[] {
  return spec.requests
    .flatMap(requestedDevices)
    .map(({ reference, exact }) => ({ reference, reach: reachOfRequest(exact, classes, devices, rules) }));
}

function reachOfRequest(
  request: ExactRequest,
  classes: readonly DeviceClass[],
  devices: readonly CatalogueDevice[],
  rules: KubernetesRules,
): Reach {
  const deviceClass = classes.find(({ name }) => name === request.deviceClassName);
  if (deviceClass === undefined) {
    return undetermined([{ reason: "unknownClass", message: `device class "${request.deviceClassName}" is not known`, device: undefined }]);
  }
  const expressions = [...deviceClass.selectors, ...request.selectors];
  const invalid = expressions.flatMap((expression): readonly ReachObstacle[] => {
    const selector = compileSelector(expression, rules);
    return selector.type === "invalid" ? [{ reason: "invalidSelector", message: selector.message, device: undefined }] : [];
  });
  if (invalid.length > 0) {
    return undetermined(invalid);
  }

  const outcomes = devices.map((device) => ({ device, verdict: verdictOnShape(expressions, shapeOf(device, rules)) }));
  const errors = outcomes.flatMap(({ device, verdict }): readonly ReachObstacle[] =>
    verdict.type === "error" ? [{ reason: "evaluationError", message: verdict.message, device }] : [],
  );
  if (errors.length > 0) {
    return undetermined(errors);
  }
  return {
    type: "determined",
    devices: outcomes.flatMap(({ device, verdict }): readonly ReachedDevice[] => {
      switch (verdict.type) {
        case "match":
          return [{ device, certainty: "certain" }];
        case "unknown":
          return [{ device, certainty: "possible" }];
        default:
          return [];
      }
    }),
  };
}

function undetermined(obstacles: readonly ReachObstacle[]): Reach {
  return { type: "undetermined", obstacles };
}

/** What the selectors say of some device of the shape. An error on any of them counts, since one such device is enough to fail the claim. */
function verdictOnShape(expressions: readonly string[], shape: Shape): PartialVerdict {
  const anywhere = verdictOf(expressions, shape.anywhere);
  if (anywhere.type !== "unknown") {
    return anywhere;
  }
  const verdicts = shape.placed().map((variant) => verdictOf(expressions, variant));
  return (
    verdicts.find(({ type }) => type === "error") ??
    verdicts.find(({ type }) => type === "match") ??
    verdicts.find(({ type }) => type === "unknown") ?? { type: "noMatch" }
  );
}

/** One selector after the other, as kube-scheduler does, until one says no or fails; one that is undetermined leaves it to the rest. */
function verdictOf(expressions: readonly string[], variant: Variant): PartialVerdict {
  let result: PartialVerdict = { type: "match" };
  for (const expression of expressions) {
    const verdict = variant.verdict(expression);
    switch (verdict.type) {
      case "error":
        return { type: "error", message: `${expression}: ${verdict.message}` };
      case "noMatch":
        return verdict;
      case "unknown":
        result = verdict;
        break;
      case "match":
        break;
    }
  }
  return result;
}

/** One form of a shape, with the verdicts of the selectors that it has met. */
class Variant {
  static readonly #limit = 1_000;
  readonly #verdicts = new Map<string, PartialVerdict>();

  constructor(
    private readonly value: DeviceValue,
    private readonly rules: KubernetesRules,
  ) {}

  verdict(expression: string): PartialVerdict {
    let verdict = this.#verdicts.get(expression);
    if (verdict === undefined) {
      if (this.#verdicts.size >= Variant.#limit) {
        this.#verdicts.clear();
      }
      verdict = evaluatePartially(expression, this.value, this.rules);
      this.#verdicts.set(expression, verdict);
    }
    return verdict;
  }
}

interface Shape {
  /** Wherever an instance starts. */
  readonly anywhere: Variant;
  /** At each place where it can start. */
  readonly placed: () => readonly Variant[];
}

/** By the rules under which selectors are evaluated, then by device. */
const shapes = new WeakMap<KubernetesRules, WeakMap<CatalogueDevice, Shape>>();

function shapeOf(device: CatalogueDevice, rules: KubernetesRules): Shape {
  let byDevice = shapes.get(rules);
  if (byDevice === undefined) {
    byDevice = new WeakMap();
    shapes.set(rules, byDevice);
  }
  let shape = byDevice.get(device);
  if (shape === undefined) {
    shape = makeShape(device, rules);
    byDevice.set(device, shape);
  }
  return shape;
}

function makeShape({ model, profile, input, varies }: CatalogueDevice, rules: KubernetesRules): Shape {
  const attributes = new Map<string, Uncertainty>([
    ...varies.values.map((name) => [name, "value"] as const),
    ...varies.presence.map((name) => [name, "presence"] as const),
  ]);
  const slices = profile === undefined ? [] : Array.from({ length: model.memorySlices }, (_, slice) => `memorySlice${String(slice)}`);
  const capacity = new Map(slices.map((name) => [name, "presence"] as const));
  let placed: readonly Variant[] | undefined;
  return {
    anywhere: new Variant(deviceValue(input, { attributes, capacity }), rules),
    placed: () =>
      (placed ??= varies.placements.map(
        (placement) => new Variant(deviceValue({ ...input, capacity: placement }, { attributes, capacity: new Map() }), rules),
      )),
  };
}
