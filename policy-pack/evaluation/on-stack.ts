/** Validations of a whole stack. */
import type { PolicyResource, StackValidation, StackValidationArgs } from "@pulumi/policy";
import { report } from "./findings";
import type { Finding } from "./findings";
import type { Previewed, PropertiesOf } from "./properties";
import { readProperties } from "./shared-properties";
import type { OnUnknown, Snapshot } from "./snapshot";

/** A resource among the others of its stack. */
export interface StackMember extends Pick<PolicyResource, "type" | "urn" | "name"> {
  /** Its outputs, and with them its inputs. */
  readonly props: Snapshot;
  /** The resources whose outputs a property is made of. */
  sourcesOf(property: string): readonly StackMember[];
}

export interface Stack extends Pick<StackValidationArgs, "getConfig"> {
  readonly members: readonly StackMember[];
}

export interface StackCheck {
  /** Types of the resources that findings are about: a list, or a test for what has many. */
  readonly types: readonly string[] | ((type: string) => boolean);
  /** What the rule finds on one of them. */
  readonly check: (subject: StackMember, stack: Stack) => readonly Finding[];
  /** What it finds on the stack as a whole. @default nothing */
  readonly checkWhole?: (stack: Stack) => readonly Finding[];
}

/** The properties of a member with arguments `Args`, and its id. */
export type MemberProperties<Args> = PropertiesOf<Args> & { readonly id?: Previewed<string> };

/** The typed properties of a member, if it is of this type. */
export function ofType<Args>(member: StackMember, type: string): MemberProperties<Args> | undefined {
  return member.type === type ? (member.props as MemberProperties<Args>) : undefined;
}

const CHECKED_AGAIN = "`pulumi up` checks it when it ends";

/** A validation that looks at the whole stack. */
export function onStack({ types, check, checkWhole = () => [] }: StackCheck): StackValidation {
  const isSubject = typeof types === "function" ? types : (type: string) => types.includes(type);
  return (args, reportViolation) => {
    let unknown: string[] = [];
    const byResource = new Map<PolicyResource, StackMember>();
    const around: Surroundings = { byResource, onUnknown: (path) => unknown.push(path) };
    for (const resource of args.resources) {
      byResource.set(resource, new Member(resource, around));
    }
    const stack: Stack = { members: [...byResource.values()], getConfig: () => args.getConfig() };
    for (const subject of stack.members.filter(({ type }) => isSubject(type))) {
      unknown = [];
      const findings = check(subject, stack);
      report(findings, { urn: subject.urn, unknown, checkedAgain: CHECKED_AGAIN }, reportViolation);
    }
    report(checkWhole(stack), { urn: "", unknown: [], checkedAgain: CHECKED_AGAIN }, reportViolation);
  };
}

interface Surroundings {
  readonly byResource: ReadonlyMap<PolicyResource, StackMember>;
  readonly onUnknown: OnUnknown;
}

/** A class, because every policy of this kind makes a member of every resource. */
class Member implements StackMember {
  readonly type: string;
  readonly urn: string;
  readonly name: string;
  private copied: Snapshot | undefined;

  constructor(
    private readonly resource: PolicyResource,
    private readonly around: Surroundings,
  ) {
    ({ type: this.type, urn: this.urn, name: this.name } = resource);
  }

  get props(): Snapshot {
    return (this.copied ??= readProperties(this.resource.props, this.around.onUnknown));
  }

  sourcesOf(property: string): readonly StackMember[] {
    return (this.resource.propertyDependencies[property] ?? []).flatMap((source) => this.around.byResource.get(source) ?? []);
  }
}
