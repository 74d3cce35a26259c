/**
 * Output values: the form in which a property also says which resources it comes from. Transforms get their properties so
 * (pulumi/pulumi pkg/resource/deploy/source_eval.go); providers and the state never see them.
 */
import { OUTPUT, SECRET, SIGNATURE } from "./marks";
import { UNKNOWN, hasUnknown, isWireMap, secret, unwrap } from "./wire";
import type { WireMap, WireValue } from "./wire";

type Dependencies = Readonly<Record<string, readonly string[]>>;

export function isOutputValue(value: WireValue | undefined): value is WireMap {
  return isWireMap(value) && value[SIGNATURE] === OUTPUT;
}

/** The URNs that the output values in a value come from. */
export function dependenciesOf(value: WireValue | undefined): readonly string[] {
  if (Array.isArray(value)) {
    return [...new Set(value.flatMap((item: WireValue) => dependenciesOf(item)))];
  }
  if (!isWireMap(value)) {
    return [];
  }
  if (value[SIGNATURE] === OUTPUT) {
    return [...new Set([...dependenciesOf(value.value), ...((value.dependencies ?? []) as readonly string[])])];
  }
  return [...new Set(Object.values(value).flatMap((item) => dependenciesOf(item)))];
}

/** Secrets and unknown values as output values. */
export function upgraded(value: WireValue): WireValue {
  if (Array.isArray(value)) {
    return value.map((item: WireValue) => upgraded(item));
  }
  if (value === UNKNOWN) {
    return { [SIGNATURE]: OUTPUT };
  }
  if (!isWireMap(value)) {
    return value;
  }
  switch (value[SIGNATURE]) {
    case undefined:
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, upgraded(item)]));
    case SECRET: {
      const inner = upgraded(value.value ?? null);
      return isWireMap(inner) && inner[SIGNATURE] === OUTPUT
        ? { ...inner, secret: true }
        : { [SIGNATURE]: OUTPUT, value: inner, secret: true };
    }
    default:
      return value;
  }
}

/** The value as an output value that comes from more resources than it says itself. */
export function comesFrom(value: WireValue, dependencies: readonly string[]): WireMap {
  const output = isOutputValue(value) ? value : { [SIGNATURE]: OUTPUT, value };
  return { ...output, dependencies: [...new Set([...((output.dependencies ?? []) as readonly string[]), ...dependencies])] };
}

/** Properties as output values that carry the dependencies known of each. */
export function withDependencies(inputs: WireMap, dependencies: Dependencies): WireMap {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => {
      const missing = (dependencies[key] ?? []).filter((urn) => !dependenciesOf(value).includes(urn));
      if (missing.length === 0) {
        return [key, value];
      }
      return [key, comesFrom(value, missing)];
    }),
  );
}

/** A value without output values: secrets, unknown values and plain ones in their place. */
export function downgraded(value: WireValue): WireValue {
  if (Array.isArray(value)) {
    return value.map((item: WireValue) => downgraded(item));
  }
  if (!isWireMap(value)) {
    return value;
  }
  if (value[SIGNATURE] === OUTPUT) {
    const inner = value.value === undefined ? UNKNOWN : downgraded(value.value);
    return value.secret === true ? secret(inner) : inner;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, downgraded(item)]));
}

/** A value as Pulumi's SDK sends it where output values are not asked for: of what is not known, it does not say that it is a secret. */
export function serialized(value: WireValue): WireValue {
  if (Array.isArray(value)) {
    return value.map((item: WireValue) => serialized(item));
  }
  if (!isWireMap(value)) {
    return value;
  }
  if (value[SIGNATURE] === OUTPUT) {
    const inner = value.value === undefined ? UNKNOWN : serialized(value.value);
    return value.secret === true && inner !== UNKNOWN ? secret(inner) : inner;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, serialized(item)]));
}

/** A value that comes from resources. @param value {@link UNKNOWN} for what is not known yet. */
export function outputValue(value: WireValue, dependencies: readonly string[], isSecret = false): WireMap {
  return {
    [SIGNATURE]: OUTPUT,
    ...(value === UNKNOWN ? {} : { value }),
    ...(isSecret ? { secret: true } : {}),
    ...(dependencies.length === 0 ? {} : { dependencies: [...new Set(dependencies)] }),
  };
}

/**
 * What `pulumi.all(values).apply(derive)` makes: unknown as a whole as soon as one of the values holds something unknown, and a secret as a whole as soon
 * as one holds a secret. @param derive gets values without marks; undefined: nothing is handed on.
 */
export function apply(values: readonly WireValue[], derive: (...values: WireValue[]) => WireValue | undefined): WireValue | undefined {
  const plain = values.map((value) => unwrap(value));
  const dependencies = values.flatMap(dependenciesOf);
  const isSecret = plain.some(({ secretPaths }) => secretPaths.length > 0);
  if (plain.some(({ value }) => hasUnknown(value))) {
    return outputValue(UNKNOWN, dependencies, isSecret);
  }
  const result = derive(...plain.map(({ value }) => value));
  return result === undefined || (dependencies.length === 0 && !isSecret) ? result : outputValue(result, dependencies, isSecret);
}
