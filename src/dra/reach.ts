import { requestedDevices } from "./claims";
import type { ClaimSpec, ExactRequest } from "./claims";
import { formAtLarge, formsOf } from "./reach/device-knowledge";
import type { DeviceForm } from "./reach/device-knowledge";
import type { PossibleDevice } from "./reach/possible-devices";
import { deviceValue } from "./selector/device-value";
import type { KubernetesRules } from "../releases/kubernetes";
import type { DeviceClass } from "./device-classes";
import { compileSelector, evaluatePartially } from "./selector/selector";
import type { PartialVerdict } from "./selector/selector";

/** A device shape that a request could be given. */
export interface ReachedDevice {
  readonly device: PossibleDevice;
  /**
   * `certain`: some device of the shape matches, whatever its identifiers. `possible`: the match depends on what differs between devices,
   * nodes or versions of the driver (a UUID, an address, a driver version, any name that is not modelled) and is unknown before. A claim can reach both.
   */
  readonly certainty: "certain" | "possible";
}

/** Why a request's reach is unknown. A cluster rejects such a claim, or leaves it pending with an error. */
export interface ReachObstacle {
  readonly reason: "unknownClass" | "invalidSelector" | "evaluationError";
  /** In words, with the class or expression it is about. */
  readonly message: string;
  /** The device on which evaluation fails. */
  readonly device: PossibleDevice | undefined;
}

export type Reach =
  | { readonly type: "determined"; readonly devices: readonly ReachedDevice[] }
  | { readonly type: "undetermined"; readonly obstacles: readonly [ReachObstacle, ...ReachObstacle[]] };

/** Reach of one request, or of one alternative of a `firstAvailable` request. */
export interface RequestReach {
  /** `request`, or `request/alternative`. */
  readonly reference: string;
  readonly reach: Reach;
}

/**
 * Which devices a claim can get: for every request and every alternative, the shapes that pass its device class and its own selectors.
 *
 * It evaluates the expressions and never reads their text, with three-valued logic for what differs between devices of one shape or is not modelled, and at every start
 * of a MIG device where memory slices decide. So no selector can hide a shape behind `uuid != "x"`, `has(...memorySlice3)` or an attribute of the next driver.
 * It ignores constraints between requests: they can only narrow the reach.
 *
 * @param devices `catalogueDevices(release)`, with `UNLISTED_DEVICES` where nodes can have any GPU; kept between calls, since verdicts are remembered per device
 * @param rules of the Kubernetes version that evaluates the selectors
 */
export function reachOf(
  spec: ClaimSpec,
  classes: readonly DeviceClass[],
  devices: readonly PossibleDevice[],
  rules: KubernetesRules,
): readonly RequestReach[] {
  return spec.requests
    .flatMap(requestedDevices)
    .map(({ reference, exact }) => ({ reference, reach: reachOfRequest(exact, classes, devices, rules) }));
}

function reachOfRequest(
  request: ExactRequest,
  classes: readonly DeviceClass[],
  devices: readonly PossibleDevice[],
  rules: KubernetesRules,
): Reach {
  const deviceClass = classes.find(({ name }) => name === request.deviceClassName);
  return deviceClass === undefined
    ? {
        type: "undetermined",
        obstacles: [{ reason: "unknownClass", message: `device class "${request.deviceClassName}" is not known`, device: undefined }],
      }
    : reachOfSelectors([...deviceClass.selectors, ...request.selectors], devices, rules);
}

/** Which devices pass all of some selectors, such as those of a device class. The parameters are those of `reachOf`. */
export function reachOfSelectors(expressions: readonly string[], devices: readonly PossibleDevice[], rules: KubernetesRules): Reach {
  const invalid = undetermined(
    expressions.flatMap((expression): readonly ReachObstacle[] => {
      const selector = compileSelector(expression, rules);
      return selector.type === "invalid" ? [{ reason: "invalidSelector", message: selector.message, device: undefined }] : [];
    }),
  );
  if (invalid !== undefined) {
    return invalid;
  }

  const outcomes = devices.map((device) => ({ device, verdict: verdictOnShape(expressions, shapeOf(device, rules)) }));
  const failed = undetermined(
    outcomes.flatMap(({ device, verdict }): readonly ReachObstacle[] =>
      verdict.type === "error" ? [{ reason: "evaluationError", message: verdict.message, device }] : [],
    ),
  );
  if (failed !== undefined) {
    return failed;
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

/** Undefined where there is no obstacle. */
function undetermined([first, ...others]: readonly ReachObstacle[]): Reach | undefined {
  return first && { type: "undetermined", obstacles: [first, ...others] };
}

/** What the selectors say of some device of the shape. An error on any of them counts, since one such device is enough to fail the claim. */
function verdictOnShape(expressions: readonly string[], shape: Shape): PartialVerdict {
  const atLarge = verdictOf(expressions, shape.atLarge);
  // Stryker disable next-line ConditionalExpression: where it is decided at large, its forms say the same, after a longer time
  return atLarge.type === "unknown" ? shape.verdictOnForms(expressions) : atLarge;
}

/** One selector after the other, as kube-scheduler does, until one says no or fails; one that is undetermined leaves it to the rest. */
function verdictOf(expressions: readonly string[], evaluate: Evaluate): PartialVerdict {
  let result: PartialVerdict = { type: "match" };
  for (const expression of expressions) {
    const verdict = evaluate(expression);
    if (verdict.type === "error") {
      return { type: "error", message: `${expression}: ${verdict.message}` };
    }
    if (verdict.type === "noMatch") {
      return verdict;
    }
    if (verdict.type === "unknown") {
      result = verdict;
    }
  }
  return result;
}

type Evaluate = (expression: string) => PartialVerdict;

/** What is remembered of one shape: as many verdicts as this. */
const MAX_VERDICTS = 1_000;

function remembering<K>(compute: (key: K) => PartialVerdict, keyOf: (key: K) => string): (key: K) => PartialVerdict {
  const verdicts = new Map<string, PartialVerdict>();
  return (key) => {
    const name = keyOf(key);
    let verdict = verdicts.get(name);
    // Stryker disable ConditionalExpression,EqualityOperator,BlockStatement: what is not remembered is computed again
    if (verdict === undefined) {
      if (verdicts.size >= MAX_VERDICTS) {
        verdicts.clear();
      }
      // Stryker restore ConditionalExpression,EqualityOperator,BlockStatement
      verdict = compute(key);
      verdicts.set(name, verdict);
    }
    return verdict;
  };
}

interface Shape {
  /** With everything unknown that differs between its forms. */
  readonly atLarge: Evaluate;
  /** Of all its forms together. */
  readonly verdictOnForms: (expressions: readonly string[]) => PartialVerdict;
}

/** By the rules under which selectors are evaluated, then by device. */
const shapes = new WeakMap<KubernetesRules, WeakMap<PossibleDevice, Shape>>();

function shapeOf(device: PossibleDevice, rules: KubernetesRules): Shape {
  let byDevice = shapes.get(rules);
  // Stryker disable next-line ConditionalExpression: what is not remembered is made again
  if (byDevice === undefined) {
    byDevice = new WeakMap();
    shapes.set(rules, byDevice);
  }
  let shape = byDevice.get(device);
  // Stryker disable next-line ConditionalExpression: what is not remembered is made again
  if (shape === undefined) {
    shape = makeShape(device, rules);
    byDevice.set(device, shape);
  }
  return shape;
}

function makeShape(device: PossibleDevice, rules: KubernetesRules): Shape {
  const evaluator = ({ input, known }: DeviceForm): Evaluate => {
    const value = deviceValue(input, known);
    return (expression) => evaluatePartially(expression, value, rules);
  };
  let forms: readonly (readonly [DeviceForm["likelihood"], Evaluate])[] | undefined;
  return {
    atLarge: remembering(evaluator(formAtLarge(device)), (expression) => expression),
    verdictOnForms: remembering(
      (expressions: readonly string[]) => {
        forms ??= formsOf(device).map((form) => [form.likelihood, evaluator(form)]);
        return strongest(expressions, forms);
      },
      (expressions) => JSON.stringify(expressions),
    ),
  };
}

/** An error before a match before what is unknown; a form that is only conceivable can be no more than that, and fails no claim. Those come last. */
function strongest(expressions: readonly string[], forms: readonly (readonly [DeviceForm["likelihood"], Evaluate])[]): PartialVerdict {
  let result: PartialVerdict = { type: "noMatch" };
  for (const [likelihood, evaluate] of forms) {
    const isUsual = likelihood === "usual";
    // Stryker disable next-line ConditionalExpression,BlockStatement: what is only conceivable changes no other result, after a longer time
    if (!isUsual && result.type !== "noMatch") {
      return result;
    }
    const verdict = verdictOf(expressions, evaluate);
    if (isUsual && verdict.type === "error") {
      return verdict;
    }
    if (isUsual && verdict.type === "match") {
      result = verdict;
    } else if (verdict.type !== "noMatch" && result.type === "noMatch") {
      result = { type: "unknown" };
    }
  }
  return result;
}
