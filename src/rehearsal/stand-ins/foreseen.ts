/** What a provider says of a resource before it makes it: what the program gives, and that it does not know the rest yet. */
import { SECRET, SIGNATURE } from "../monitor/marks";
import { packageOf } from "../monitor/urn";
import { UNKNOWN, isWireMap, secret } from "../monitor/wire";
import type { WireMap, WireValue } from "../monitor/wire";
import { HELM_RELEASE } from "../../well-known/resource-types";
import type { Registration } from "./account";
import { declarationOf } from "./declarations";
import type { Fields, Kind } from "./declarations";
import { kubernetesObject } from "./kubernetes";

/**
 * The outputs of a resource in the preview of its creation.
 * @param inputs with marks. @throws Error for a package that nothing is known about.
 */
export function foreseenOutputs(resource: Registration, inputs: WireMap): WireMap {
  if (resource.type.startsWith("pulumi:providers:")) {
    return inputs;
  }
  switch (packageOf(resource.type)) {
    case "kubernetes":
      return resource.type === HELM_RELEASE ? inputs : { ...inputs, ...namedByProvider(resource) };
    case "aws":
    case "random":
      return completed(inputs, declarationOf(resource.type)?.outputs ?? new Map());
    default:
      throw new Error(`the rehearsal knows no outputs for resources of type ${resource.type}: add its package to src/rehearsal/stand-ins`);
  }
}

/**
 * Terraform's plan leaves unknown what the provider computes, at the top and in the blocks that the program gives. The SDK declares it as an output that
 * cannot be undefined.
 */
function completed(given: WireMap, fields: Fields): WireMap {
  const entries = [...fields].flatMap(([name, { required, kind }]): readonly (readonly [string, WireValue])[] => {
    const value = given[name];
    if (value === undefined || value === null) {
      return required ? [[name, UNKNOWN]] : [];
    }
    return [[name, completedValue(value, kind)]];
  });
  return { ...given, ...Object.fromEntries(entries) };
}

function completedValue(value: WireValue, kind: Kind): WireValue {
  if (Array.isArray(value)) {
    return kind.type === "list" ? value.map((item: WireValue) => completedValue(item, kind.item)) : value;
  }
  if (!isWireMap(value)) {
    return value;
  }
  if (value[SIGNATURE] === SECRET) {
    return secret(completedValue(value.value ?? null, kind));
  }
  return kind.type === "object" && value[SIGNATURE] === undefined ? completed(value, kind.fields()) : value;
}

/** The Kubernetes provider decides names when it checks the inputs. The rest it leaves out until the API server has answered. */
function namedByProvider(resource: Registration): WireMap {
  if (resource.inputs.metadata === UNKNOWN) {
    return {};
  }
  const { name, namespace } = kubernetesObject(resource).outputs.metadata as WireMap;
  const metadata = {
    ...(resource.inputs.metadata as WireMap | undefined),
    name: name ?? null,
    ...(namespace === undefined ? {} : { namespace }),
  };
  return { metadata };
}
