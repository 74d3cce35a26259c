/**
 * Output values: the form in which a property also says which resources it comes from. Transforms get their properties so
 * (pulumi/pulumi pkg/resource/deploy/source_eval.go); providers and the state never see them.
 */
import { runtime } from "@pulumi/pulumi";
import { UNKNOWN, isWireMap, secret } from "./wire";
import type { WireMap, WireValue } from "./wire";

type Dependencies = Readonly<Record<string, readonly string[]>>;

const SIGNATURE = runtime.specialSigKey;
const OUTPUT = runtime.specialOutputValueSig;

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
    case runtime.specialSecretSig: {
      const inner = upgraded(value.value ?? null);
      return isWireMap(inner) && inner[SIGNATURE] === OUTPUT
        ? { ...inner, secret: true }
        : { [SIGNATURE]: OUTPUT, value: inner, secret: true };
    }
    default:
      return value;
  }
}

/** Properties as output values that carry the dependencies known of each. */
export function withDependencies(inputs: WireMap, dependencies: Dependencies): WireMap {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => {
      const missing = (dependencies[key] ?? []).filter((urn) => !dependenciesOf(value).includes(urn));
      if (missing.length === 0) {
        return [key, value];
      }
      const output = isWireMap(value) && value[SIGNATURE] === OUTPUT ? value : { [SIGNATURE]: OUTPUT, value };
      return [key, { ...output, dependencies: [...((output.dependencies ?? []) as readonly string[]), ...missing] }];
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
