import { CONVERSIONS } from "./library/conversions";
import { COLLECTIONS } from "./library/collections";
import { KUBERNETES } from "./library/kubernetes";
import { OPERATORS } from "./library/operators";
import { REGEX } from "./library/regex";
import { STRINGS } from "./library/strings";
import { mergeFunctions } from "./types/overloads";
import type { FunctionTable } from "./types/overloads";
import {
  ANY,
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  parameter,
  QUANTITY,
  STRING,
  TYPE,
  typeOfType,
  UINT,
} from "./types/types";
import type { CelType } from "./types/types";

/**
 * What a selector may use: the environment in which the API server of Kubernetes 1.34 compiles the selectors of new claims and classes
 * (k8s.io/dynamic-resource-allocation/cel, k8s.io/apiserver/pkg/cel/environment, both v0.34.4).
 * It is that of the version before, 1.33: cel-go's own list extension (`slice`, `sort`, `distinct`, ...) comes with 1.34 and is refused until 1.35.
 */
export const FUNCTIONS: FunctionTable = mergeFunctions(OPERATORS, CONVERSIONS, ...COLLECTIONS, KUBERNETES, REGEX, STRINGS);

/** The type of `device`. */
export const DEVICE: CelType = { kind: "object", name: "kubernetes.DRADevice", parameters: [] };

/** Fields of `device`. `allowMultipleAllocations` exists behind the alpha gate DRAConsumableCapacity only, which EKS does not open. */
export const DEVICE_FIELDS: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ["driver", STRING],
  ["attributes", mapOf(STRING, mapOf(STRING, ANY))],
  ["capacity", mapOf(STRING, mapOf(STRING, QUANTITY))],
]);

/** How long the texts of a device can be and how many of them there are, for the estimate of costs (limits of resource.k8s.io/v1). */
export const DEVICE_LIMITS = { domain: 63, identifier: 32, driver: 63, attributeValue: 64, attributes: 32 } as const;

const A = parameter("A");
const B = parameter("B");

/** Names of types, which are values in CEL. */
export const TYPE_NAMES: ReadonlyMap<string, CelType> = new Map(
  [BOOL, BYTES, DOUBLE, INT, listOf(A), mapOf(A, B), NULL, STRING, TYPE, UINT, optionalOf(DYN)].map((type) => [
    type.name,
    typeOfType(type),
  ]),
);

/**
 * Functions that Kubernetes has and this evaluator does not: durations and timestamps, network addresses, URLs and named formats, none of which a device
 * attribute can hold. A selector that uses one is reported as such, never guessed at.
 */
export const NOT_MODELLED: ReadonlySet<string> = new Set([
  "duration", "timestamp", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours", "getMilliseconds", "getMinutes",
  "getMonth", "getSeconds", "ip", "isIP", "ip.isCanonical", "cidr", "isCIDR", "url", "isURL", "format.named",
]); // prettier-ignore
