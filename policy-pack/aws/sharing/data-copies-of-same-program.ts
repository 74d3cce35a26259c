import type { StackValidationPolicy } from "@pulumi/policy";
import { undetermined } from "../../evaluation/findings";
import type { Finding } from "../../evaluation/findings";
import { onStack } from "../../evaluation/on-stack";
import type { Stack, StackMember } from "../../evaluation/on-stack";
import { UNKNOWN } from "../../evaluation/snapshot";
import { COPIES } from "../../resources/data-copies";
import type { Place } from "../../resources/data-copies";
import { comesFrom, valuesAt } from "../../resources/own-resources";

interface Settings {
  readonly others?: readonly string[];
}

/** Checks that what AWS copies on behalf of a program is the program's own, and stays in places of its own. */
export const dataCopiesOfSameProgram: StackValidationPolicy = {
  name: "data-copies-of-same-program",
  displayName: "Copies of a program's own data",
  description:
    "Checks that replication, exports, delivery streams, log subscriptions and messages out of AWS copy data of the same program, and into buckets of the same program.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "tenancy", "data"],
  remediationSteps:
    "Register the data and the bucket in the same program. If somebody else owns one of them, name it in the setting others, as the program writes it.",
  configSchema: {
    properties: {
      others: {
        type: "array",
        description:
          "Names or ARNs of buckets, tables, log groups and topics of others that programs can copy from or to, as the program writes them.",
        items: { type: "string", minLength: 1 },
        uniqueItems: true,
        default: [],
      },
    },
  },
  validateStack: onStack({
    // Stryker disable next-line WidenedList: other types have no places
    types: (type) => COPIES.has(type),
    check: (member, stack) => (COPIES.get(member.type) ?? []).flatMap((place) => placeFindings(member, place, stack)),
  }),
};

function placeFindings(member: StackMember, { path, types, counts = () => true }: Place, stack: Stack): readonly Finding[] {
  // Stryker disable next-line ArrayDeclaration: it is the name of nothing
  const { others = [] } = stack.getConfig<Settings>();
  const [first = ""] = path;
  const name = path.join(".");
  return counts(member)
    ? valuesAt(member.props, path).flatMap((value): readonly Finding[] => {
        if (value === UNKNOWN) {
          // The first property of some paths can be any of them.
          const properties = first === "*" ? Object.keys(member.props) : [first];
          const isOwn = comesFrom((type) => types.includes(type), member, properties);
          return isOwn ? [] : [undetermined(name, "whose data is copied, or who gets it")];
        }
        return others.includes(String(value)) || stack.members.some((each) => types.includes(each.type) && isNamed(each, String(value)))
          ? []
          : [
              `"${name}" is ${String(value)}, which this program does not register. Register it in this program, or name it in the setting others of this policy`,
            ];
      })
    : [];
}

/** Whether a text is the name or the ARN of a resource. Lambda writes its log into a group that is named after the function. */
function isNamed({ type, props }: StackMember, text: string): boolean {
  const [name, bucket, id, arn] = ["name", "bucket", "id", "arn"].map((key) => props[key]);
  if (type === "aws:lambda/function:Function") {
    return text === `/aws/lambda/${String(name)}`;
  }
  return text === arn || [name, bucket, id].includes(text.replace(/^arn:[^:]+:[^:]+:[^:]*:[^:]*:(?:table\/)?/, ""));
}
