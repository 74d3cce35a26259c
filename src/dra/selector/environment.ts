import { makeEnvironment } from "../../cel/environment";
import type { Environment } from "../../cel/environment";
import type { Sizes } from "../../cel/cost/sizes";
import { BINDINGS_V0 } from "../../cel/library/bindings";
import { ANY, BOOL, mapOf, QUANTITY, STRING } from "../../cel/types/types";
import type { CelType } from "../../cel/types/types";
import type { DeviceLimits, KubernetesRules } from "../../releases/kubernetes";

/** The type of the variable `device`. */
const DEVICE: CelType = { kind: "object", name: "kubernetes.DRADevice", parameters: [] };

const DEVICE_FIELDS: Readonly<Record<string, CelType>> = {
  driver: STRING,
  attributes: mapOf(STRING, mapOf(STRING, ANY)),
  capacity: mapOf(STRING, mapOf(STRING, QUANTITY)),
};

const environments = new WeakMap<KubernetesRules, Environment>();

/**
 * The environment in which an API server compiles the selectors of new claims and device classes.
 * Source: `newCompiler` of k8s.io/dynamic-resource-allocation, `cel/compile.go`, which lays `cel.bind` and `device` over what every expression may use.
 */
export function selectorEnvironment(rules: KubernetesRules): Environment {
  let environment = environments.get(rules);
  if (environment === undefined) {
    environment = makeEnvironment({
      libraries: [...rules.celLibraries, BINDINGS_V0],
      variables: { device: { type: DEVICE, sizes: deviceSizes(rules.claimApi.deviceLimits) } },
      objects: {
        [DEVICE.name]: rules.featureGates.DRAConsumableCapacity ? { ...DEVICE_FIELDS, allowMultipleAllocations: BOOL } : DEVICE_FIELDS,
      },
      whyNotModelled: "no device attribute is a time, an address, a URL or a named format",
      // `dyn` is not among them: an attribute is of the unknown type `any`, but what `dyn()` returns is not.
      results: ["bool", "any"],
      limits: { maxLengthBytes: rules.claimApi.limits.selectorBytes, maxCost: rules.claimApi.limits.selectorCost },
    });
    environments.set(rules, environment);
  }
  return environment;
}

function deviceSizes(limits: DeviceLimits): Sizes {
  const entries = { max: limits.attributes, keys: { max: limits.identifierCharacters } };
  const attribute = { max: limits.attributeValueCharacters };
  const byDomain = (values: Sizes): Sizes => ({ max: limits.attributes, keys: { max: limits.domainCharacters }, values });
  return {
    max: 0,
    fields: {
      driver: { max: limits.driverCharacters },
      attributes: byDomain({ ...entries, values: attribute, named: attribute }),
      // A quantity has no size of its own.
      capacity: byDomain({ ...entries, values: { max: 0 } }),
    },
  };
}
