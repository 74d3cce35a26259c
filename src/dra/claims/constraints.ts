import { Fields, isObject, problem } from "../manifest/fields";
import { driverNameFault, fullyQualifiedNameFault } from "../manifest/names";
import type { KubernetesRules } from "../../releases/kubernetes";
import type { Constraint, DeviceConfiguration } from "./types";

/** One of `constraints`. `references` are the names by which it may call the claim's requests. */
export function readConstraint(
  value: unknown,
  path: string,
  references: ReadonlySet<string>,
  { claimApi, version }: KubernetesRules,
  problems: string[],
): Constraint | undefined {
  const fields = Fields.read(value, path, ["requests", "matchAttribute", "distinctAttribute"], problems);
  if (fields === undefined) {
    return undefined;
  }
  const type = fields.isSet("matchAttribute") ? "matchAttribute" : "distinctAttribute";
  if (fields.isSet("matchAttribute") === fields.isSet("distinctAttribute")) {
    problems.push(problem(path, undefined, 'exactly one of "matchAttribute" and "distinctAttribute" is required'));
    return undefined;
  }
  if (type === "distinctAttribute" && claimApi.dropped.includes(type)) {
    const why = `Kubernetes ${version} drops it (feature gate DRAConsumableCapacity is off) and refuses the rest of the constraint`;
    fields.refuse(type, `${why}. Use "matchAttribute", or a request for each device with a selector of its own`);
    return undefined;
  }
  return { type, attribute: fields.name(type, fullyQualifiedNameFault), requests: readReferences(fields, references) };
}

/** One of `config`. */
export function readConfiguration(
  value: unknown,
  path: string,
  references: ReadonlySet<string>,
  maxParametersBytes: number,
  problems: string[],
): DeviceConfiguration | undefined {
  const fields = Fields.read(value, path, ["requests", "opaque"], problems);
  if (fields === undefined) {
    return undefined;
  }
  if (!fields.isSet("opaque")) {
    fields.refuse("opaque", "required");
    return undefined;
  }
  const opaque = Fields.read(fields.value("opaque"), fields.path("opaque"), ["driver", "parameters"], problems);
  if (opaque === undefined) {
    return undefined;
  }
  const parameters = opaque.value("parameters");
  if (!isObject(parameters)) {
    opaque.refuse("parameters", "must be a JSON object");
    return undefined;
  }
  if (new TextEncoder().encode(JSON.stringify(parameters)).length > maxParametersBytes) {
    problems.push(problem(opaque.path("parameters"), undefined, `must have at most ${String(maxParametersBytes)} bytes as JSON`));
  }
  return { requests: readReferences(fields, references), driver: opaque.name("driver", driverNameFault), parameters };
}

/** The requests a constraint or a configuration is about. */
function readReferences(fields: Fields, known: ReadonlySet<string>): readonly string[] {
  const references = fields.strings("requests");
  references.forEach((reference, index) => {
    const path = `${fields.path("requests")}[${String(index)}]`;
    if (!known.has(reference)) {
      fields.problems.push(
        problem(path, reference, `must be a request of the claim or "request/alternative"; there are: ${[...known].join(", ")}`),
      );
    } else if (references.indexOf(reference) < index) {
      fields.problems.push(problem(path, reference, "duplicate"));
    }
  });
  return references;
}
